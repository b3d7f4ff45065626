import { type Classification, classificationOf, NOTHING_READABLE } from './classification';
import { type RowMaker, rowMaker } from './featureTable';
import { hashedFeatures } from './features';
import { MINILM_DIMENSIONS, type MinilmEncoder, MinilmUnavailableError } from './minilmEncoder';
import { atPanelTemperature, averaged, type Opinion, opinionOf } from './opinion';
import type { Rows } from './softmax';
import { spellingRepair } from './spelling';
import { strangenessOf } from './strangeness';
import { type EncoderName, type Head, panelName, type TrainedModel } from './trainedModel';
import { denseRows } from './training';
import { wordsOf } from './words';

/** A trained model with its look-ups prepared. */
export interface RunningClassifier {
  encoders(): EncoderName[];
  classify(text: string): Promise<Classification>;
}

type Spoken = Opinion & { name: EncoderName; head: Head };

/** Prepares a model for texts. `encoder` is null when the model goes without MiniLM. */
export function runningClassifier(
  model: TrainedModel,
  {
    encoder,
    realWords,
    outOfScope,
  }: { encoder: MinilmEncoder | null; realWords: ReadonlySet<string>; outOfScope: boolean },
): RunningClassifier {
  const repair = spellingRepair(new Map(model.vocabulary), realWords);
  const makeRows = model.features === null ? null : rowMaker(model.features);
  let minilm = model.heads.minilm === undefined ? null : encoder;

  const askMinilm = async (text: string): Promise<Rows | null> => {
    try {
      return minilm === null ? null : denseRows(await minilm.embed([text]), MINILM_DIMENSIONS);
    } catch (error) {
      // The linear encoder goes on alone; without it there is nothing to answer with.
      if (!(error instanceof MinilmUnavailableError) || makeRows === null) throw error;
      minilm = null;
      return null;
    }
  };

  return {
    encoders: () => (['linear', 'minilm'] as const).filter((name) => (name === 'linear' ? makeRows : minilm) !== null),
    classify: async (text) => {
      const repaired = repair(text);
      const linear = linearRows(repaired, makeRows);
      if (linear === 'nothing known') return NOTHING_READABLE;
      const vectors = await askMinilm(repaired);
      return judge(model, { outOfScope, spoken: [...speak('linear', linear), ...speak('minilm', vectors)] });
    },
  };

  function speak(name: EncoderName, rows: Rows | null): Spoken[] {
    const head = model.heads[name];
    if (rows === null || head === undefined) return [];
    return [{ ...opinionOf(head, { rows, row: 0, inScope: model.inScope }), name, head }];
  }
}

/** The text's row; null without the linear encoder. */
function linearRows(text: string, makeRows: RowMaker | null): Rows | null | 'nothing known' {
  const words = wordsOf(text);
  if (words.length === 0) return 'nothing known';
  if (makeRows === null) return null;
  const rows = makeRows([hashedFeatures(words)]);
  return rows.columns.length === 0 ? 'nothing known' : rows;
}

function judge(
  model: TrainedModel,
  { spoken, outOfScope }: { spoken: readonly Spoken[]; outOfScope: boolean },
): Classification {
  const panel = model.panels[panelName(spoken.map((each) => each.name))];
  if (panel === undefined)
    throw new Error(
      `The model has no calibration for ${panelName(spoken.map((each) => each.name))}. Delete the cache folder, and it is trained anew.`,
    );
  const probabilities = atPanelTemperature(averaged(spoken), panel.temperature);
  const strangeness = strangenessOf(
    panel.strangeness,
    spoken.flatMap((each) => each.familiarity),
  );
  const candidates = model.classes.map((name, index) => ({ name, probability: probabilities[index] ?? 0 }));
  return classificationOf(candidates, { strangeness, outOfScope });
}

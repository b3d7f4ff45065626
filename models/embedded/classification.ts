/** What the classifier says about a text. */
export interface Classification {
  /** One of the classes, `out_of_scope` (unlike all examples), or `unclear` (nothing readable, or hopelessly ambiguous). */
  name: string;
  /** Calibrated probability that `name` is right, in [0, 1], for texts like the examples. */
  probability: number;
  /** `probability` less the best runner-up's, in [−1, 1]. */
  margin: number;
  /** The next candidates, at most 3, likeliest first. */
  runnersUp: { name: string; probability: number }[];
  /** How unlike the examples the text is, in [0, 1]; above 0.5 it is out of scope. */
  strangeness: number;
}

/** Class of texts that belong to none of the classes; examples of it may be given. */
export const OUT_OF_SCOPE = 'out_of_scope';
/** Class of texts that nothing can be said about; it has no examples. */
export const UNCLEAR = 'unclear';

const RUNNERS_UP = 3;
const STRANGE_ABOVE = 0.5;
/** A best class less likely than this share, or than 1.2 times blind chance among few classes, is a guess. */
const LEAST_PROBABILITY = 0.1;
const LEAST_TIMES_CHANCE = 1.2;

/** The classification of a text in which there is nothing to go by. */
export const NOTHING_READABLE: Classification = {
  name: UNCLEAR,
  probability: 1,
  margin: 1,
  runnersUp: [],
  strangeness: 1,
};

/**
 * Names the class of a text.
 *
 * @param candidates every class with its probability, in any order, together 1
 * @param options.outOfScope whether a strange text is called `out_of_scope`
 */
export function classificationOf(
  candidates: readonly { name: string; probability: number }[],
  { strangeness, outOfScope }: { strangeness: number; outOfScope: boolean },
): Classification {
  const ranked = [...candidates].sort((a, b) => b.probability - a.probability);
  const best = ranked[0];
  if (best === undefined) return NOTHING_READABLE;
  if (outOfScope && (strangeness > STRANGE_ABOVE || best.name === OUT_OF_SCOPE)) {
    const likelyStrange = best.name === OUT_OF_SCOPE ? Math.max(best.probability, strangeness) : strangeness;
    return setAside(OUT_OF_SCOPE, { ranked, probability: likelyStrange, strangeness: likelyStrange });
  }
  if (best.probability < Math.max(LEAST_PROBABILITY, LEAST_TIMES_CHANCE / ranked.length)) {
    return setAside(UNCLEAR, { ranked, probability: 1 - best.probability, strangeness });
  }
  return named(best, { runnersUp: ranked.slice(1), strangeness });
}

/** Names a text as none of the classes; those become its runners-up and share what probability is left. */
function setAside(
  name: string,
  {
    ranked,
    probability,
    strangeness,
  }: { ranked: readonly { name: string; probability: number }[]; probability: number; strangeness: number },
): Classification {
  const runnersUp = ranked
    .filter((each) => each.name !== name)
    .map((each) => ({ name: each.name, probability: each.probability * (1 - probability) }));
  return named({ name, probability }, { runnersUp, strangeness });
}

function named(
  best: { name: string; probability: number },
  { runnersUp, strangeness }: { runnersUp: { name: string; probability: number }[]; strangeness: number },
): Classification {
  return {
    ...best,
    margin: best.probability - (runnersUp[0]?.probability ?? 0),
    runnersUp: runnersUp.slice(0, RUNNERS_UP),
    strangeness,
  };
}

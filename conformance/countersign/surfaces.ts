import { buttonsOf } from '../../fakes/slack';
import type { Decision, Told } from '../adapter';
import { until } from '../until';
import { addressOf, type Body, listOf, type Office, slackIdOf } from './office';
import type { CountersignProcesses } from './processes';
import { DEFAULT_TENANT } from '../../cli/assemble';
import { reviewIdOf, workflowIdOf } from '../../contracts/words/names';

/** Where decisions come by, as docs/glossary.md names them. */
export const SURFACES = ['http', 'bulk', 'link', 'slack', 'signal'] as const;

const ACTIONS = { approve: 'approve', reject: 'decline', correct: 'correct', revise: 'revise' } as const;

interface Doors {
  readonly office: Office;
  readonly processes: CountersignProcesses;
}

interface Given {
  readonly id: string;
  readonly decision: Decision;
}

/** What somebody holds who is about to decide: nothing but their key, or a link, a button or a token made for them. */
export async function wayToDecide(surface: string, doors: Doors, given: Given): Promise<() => Promise<unknown>> {
  switch (surface) {
    case 'http':
      return () => decide(doors, given);
    case 'bulk':
      return () => decideMany(doors, [given]);
    case 'link':
      return byLink(doors, given);
    case 'slack':
      return bySlack(doors, given);
    default:
      return bySignal(doors, given);
  }
}

export function decide({ office }: Doors, { id, decision }: Given): Promise<Told> {
  const { person, requestKey } = decision;
  const call = `POST /v1/reviews/${reviewIdOf(id)}/decision`;
  return office.told(call, { as: person, json: bodyOf(decision), idempotencyKey: requestKey });
}

export async function decideMany({ office }: Doors, given: readonly Given[]): Promise<readonly Told[]> {
  const decisions = given.map(({ id, decision }) => ({ ...bodyOf(decision), reviewId: reviewIdOf(id) }));
  const as = given[0]?.decision.person ?? 'ann';
  const { results } = await office.read('POST /v1/reviews/decisions', { as, json: { decisions } });
  return listOf(results).map((result: Body) => ({
    isAccepted: Number(result.status) === 200,
    decidedBy: null,
    said: JSON.stringify(result),
  }));
}

/** Presses the button of the page that the link in a mail leads to, as a browser does. */
async function byLink({ processes }: Doors, { id, decision }: Given) {
  const { mailbox } = processes;
  const [found = ''] = await until('a link', () => mailbox.linksAbout(reviewIdOf(id), addressOf(decision.person)), {
    isFine: ({ length }) => length > 0,
  });
  const link = new URL(found);
  const form = new URLSearchParams({ token: link.searchParams.get('token') ?? '', action: 'approve', read: 'yes' });
  return () => fetch(link.origin + link.pathname, { method: 'POST', headers: { origin: link.origin }, body: form });
}

async function bySlack({ office, processes }: Doors, { id, decision }: Given) {
  const { slack } = processes;
  const about = () =>
    slack.messages.find(
      (each) => JSON.stringify(each.blocks).includes(reviewIdOf(id)) && buttonsOf(each)['Approve'] !== undefined,
    );
  const message = await until('a message in Slack', about, { isFine: (found) => found !== undefined });
  if (message === undefined) throw new Error('there is no message');
  // Its buttons go when somebody decides; who saw them before can have clicked before.
  const shown = { ...message };
  return () => {
    const { body, headers } = slack.click({ message: shown, user: slackIdOf(decision.person), button: 'Approve' });
    return fetch(`${office.url}/v1/slack/interactions`, { method: 'POST', headers, body });
  };
}

async function bySignal(doors: Doors, { id, decision }: Given) {
  const token = await mint(doors, { id, decision });
  return () => signal(doors, { id, token });
}

/**
 * By a key that nobody gave out, and by the token of a rejection whose payload was changed to an approval, under its old signature.
 * Told: what the first was; of a signal nobody is told.
 */
export async function decideForged(doors: Doors, given: Given): Promise<Told> {
  const { id, decision } = given;
  const { body: payload = '', mac = '' } = partsOf(
    await mint(doors, { id, decision: { ...decision, action: 'reject' } }),
  );
  const changed = payload.replace('"decline"', '"approve"');
  if (changed === payload) throw new Error('there was nothing to forge');
  await signal(doors, { id, token: `${Buffer.from(changed).toString('base64url')}.${mac}` });
  const as = { key: `cs_${'0'.repeat(40)}` };
  return doors.office.told(`POST /v1/reviews/${reviewIdOf(id)}/decision`, { as, json: bodyOf(decision) });
}

function partsOf(token: string): { readonly body: string; readonly mac: string } {
  const [payload = '', mac = ''] = token.split('.');
  return { body: Buffer.from(payload, 'base64url').toString('utf8'), mac };
}

async function mint({ office }: Doors, { id, decision }: Given): Promise<string> {
  const call = `POST /v1/reviews/${reviewIdOf(id)}/decision-tokens`;
  return String((await office.read(call, { as: decision.person, json: bodyOf(decision) }))['token']);
}

function signal({ processes }: Doors, { id, token }: { readonly id: string; readonly token: string }): Promise<string> {
  const what = [
    '--workflow-id',
    workflowIdOf(DEFAULT_TENANT, id),
    '--name',
    'decide',
    '--input',
    JSON.stringify(token),
  ];
  return processes.temporal(['workflow', 'signal', ...what]);
}

/** A decision as this product's interface takes it. */
function bodyOf({ action, seen, output, guidance, note }: Decision): object {
  return {
    action: action === 'ask' ? 'revise' : ACTIONS[action],
    digest: seen,
    ...(output === undefined ? {} : { output }),
    ...(guidance === undefined ? {} : { guidance }),
    ...(note === undefined ? {} : { note }),
  };
}

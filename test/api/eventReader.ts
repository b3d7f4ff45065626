import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { eventOperations } from '../../contracts/http/events';
import { eventually } from './testApi';

export interface SeenEvent {
  readonly name: string;
  readonly id: string | null;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- a test reads what it expects, and fails where it isn't there
  readonly data: any;
}

/** A reader of Server-Sent Events, as far as tests need one. */
export interface EventReader {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  /** All that came so far. */
  readonly events: SeenEvent[];
  readonly comments: () => number;
  readonly isEnded: () => boolean;
  /** The first event that fits, which may have come before. */
  first(name: string, fits?: (data: SeenEvent['data']) => boolean): Promise<SeenEvent>;
  ended(): Promise<void>;
  pause(): void;
  resume(): void;
  close(): void;
}

export async function follow(
  { url }: { readonly url: string },
  path: string,
  { key, headers = {} }: { readonly key: string; readonly headers?: Readonly<Record<string, string>> },
): Promise<EventReader> {
  let outgoing: ClientRequest | undefined;
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    outgoing = request(url + path, { agent: false, headers: { authorization: `Bearer ${key}`, ...headers } }, resolve);
    outgoing.on('error', reject).end();
  });
  return reading(response, () => outgoing?.destroy());
}

function reading(response: IncomingMessage, close: () => void): EventReader {
  const events: SeenEvent[] = [];
  let [comments, isEnded, rest] = [0, false, ''];
  response.setEncoding('utf8');
  response.on('data', (chunk: string) => {
    const blocks = (rest + chunk).split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const event = eventOf(block);
      if (event !== null) events.push(event);
      else if (block.startsWith(':')) comments += 1;
    }
  });
  const end = () => (isEnded = true);
  response.on('close', end).on('error', end);
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    events,
    comments: () => comments,
    isEnded: () => isEnded,
    first: async (name, fits = () => true) => {
      const find = () => Promise.resolve(events.find((event) => event.name === name && fits(event.data)));
      const found = await eventually(find, (event) => event !== undefined);
      if (found === undefined) throw new Error('unreachable: eventually gives what is fine');
      return found;
    },
    ended: async () => void (await eventually(() => Promise.resolve(isEnded), Boolean)),
    pause: () => void response.pause(),
    resume: () => void response.resume(),
    close,
  };
}

function eventOf(block: string): SeenEvent | null {
  const fields = Object.fromEntries(
    block.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
  );
  if (fields['event'] === undefined) return null;
  const data: unknown = JSON.parse(fields['data'] ?? '');
  requireDeclaredEvent(data);
  return { name: fields['event'], id: fields['id'] ?? null, data };
}

/** Throws where the data of an event is none that the interface declares, field for field. */
function requireDeclaredEvent(data: unknown): void {
  const schemas = eventOperations.map(({ answers }) => answers[200].schema);
  const isDeclared = schemas.some((schema) => {
    const parsed = schema.safeParse(data);
    return (
      parsed.success &&
      JSON.stringify(Object.keys(parsed.data).sort()) === JSON.stringify(Object.keys(Object(data)).sort())
    );
  });
  if (!isDeclared) throw new Error(`an event has data that is not declared: ${JSON.stringify(data)}`);
}

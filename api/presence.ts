import { randomBytes } from 'node:crypto';
import type { AnswerOf } from '../contracts/http/operation';
import type { presenceEvent } from '../contracts/http/events';
import { readActorNames } from './actorNames';
import type { ApiDependencies } from './dependencies';

export interface PresenceTiming {
  /** How often a process says who is here. */
  readonly sayEveryMs: number;
  /** After so long without a word the people of a process are gone. */
  readonly leaseMs: number;
}

export interface Looker {
  readonly tenant: string;
  readonly reviewId: string;
  readonly actorId: string;
  /** Told who is here, JSON of a PresenceEvent, when that changes; at first when it is known. */
  readonly onChange: (presence: string) => void;
}

/** Who has which review open, across processes. It is told and never stored: a process that dies takes its people along. */
export interface Presence {
  /** Gives what ends it. */
  enter(looker: Looker): () => void;
  close(): void;
}

interface Person {
  readonly id: string;
  readonly sinceMs: number;
}

interface Room {
  readonly tenant: string;
  readonly reviewId: string;
  /** Of this process. */
  readonly here: Map<Looker, Person>;
  /** By process. */
  readonly elsewhere: Map<string, { readonly people: readonly Person[]; readonly untilMs: number }>;
  isTelling: boolean;
  hasChanged: boolean;
}

/** A message has at most 2,000 bytes; a person takes less than 60. */
const MAX_PEOPLE_TOLD = 25;

type Surroundings = Pick<ApiDependencies, 'store' | 'clock' | 'log'>;

/** Process, tenant, review, whether the others are asked who is with them, and who is here: ids and times. */
type Message = readonly [string, string, string, boolean, readonly (readonly [string, number])[]];

export function createPresence(dependencies: Surroundings, timing: PresenceTiming): Presence {
  const { store, clock } = dependencies;
  const rooms = new Map<string, Room>();
  const self = randomBytes(6).toString('hex');
  const now = () => clock().getTime();
  const say = (room: Room, isAsking: boolean) => store.presence.tell(JSON.stringify(messageFrom(self, room, isAsking)));
  const stopHearing = store.presence.onTold((text) => {
    const message = messageOf(text);
    const [from = self, tenant, reviewId, isAsking] = message ?? [];
    const room = rooms.get(`${tenant}/${reviewId}`);
    if (message === null || room === undefined || from === self) return;
    if (hear(room, message, now() + timing.leaseMs)) void tellRoom(dependencies, room);
    if (isAsking === true) say(room, false);
  });
  const timer = setInterval(() => {
    for (const room of rooms.values()) {
      if (forgetSilent(room, now()) || room.hasChanged) void tellRoom(dependencies, room);
      say(room, false);
    }
  }, timing.sayEveryMs);

  return {
    enter(looker) {
      const key = `${looker.tenant}/${looker.reviewId}`;
      const room = rooms.get(key) ?? newRoom(looker);
      rooms.set(key, room);
      room.here.set(looker, { id: looker.actorId, sinceMs: now() });
      say(room, room.here.size === 1);
      void tellRoom(dependencies, room);
      return () => {
        room.here.delete(looker);
        say(room, false);
        if (room.here.size === 0) rooms.delete(key);
        else void tellRoom(dependencies, room);
      };
    },
    close() {
      clearInterval(timer);
      stopHearing();
    },
  };
}

function messageFrom(self: string, room: Room, isAsking: boolean): Message {
  const people = distinct([...room.here.values()]).slice(0, MAX_PEOPLE_TOLD);
  return [self, room.tenant, room.reviewId, isAsking, people.map(({ id, sinceMs }) => [id, sinceMs] as const)];
}

/** Whether it says anything new. */
function hear({ elsewhere }: Room, [from, , , , told]: Message, untilMs: number): boolean {
  const people = told.map(([id, sinceMs]) => ({ id, sinceMs }));
  const before = JSON.stringify(elsewhere.get(from)?.people ?? []);
  if (people.length === 0) elsewhere.delete(from);
  else elsewhere.set(from, { people, untilMs });
  return before !== JSON.stringify(people);
}

function newRoom({ tenant, reviewId }: Looker): Room {
  return { tenant, reviewId, here: new Map(), elsewhere: new Map(), isTelling: false, hasChanged: false };
}

/** Whether someone was forgotten. */
function forgetSilent({ elsewhere }: Room, nowMs: number): boolean {
  const silent = [...elsewhere].filter(([, { untilMs }]) => untilMs <= nowMs);
  for (const [from] of silent) elsewhere.delete(from);
  return silent.length > 0;
}

/** Each once, however many windows they have open, the first to come first. */
function distinct(people: readonly Person[]): readonly Person[] {
  const first = new Map<string, Person>();
  for (const person of people) {
    const known = first.get(person.id);
    if (known === undefined || person.sinceMs < known.sinceMs) first.set(person.id, person);
  }
  return [...first.values()].sort((a, b) => a.sinceMs - b.sinceMs || (a.id < b.id ? -1 : 1));
}

/** Names are read once for all who look; what changes meanwhile is told next. */
async function tellRoom({ store, log }: Surroundings, room: Room): Promise<void> {
  room.hasChanged = true;
  if (room.isTelling) return;
  room.isTelling = true;
  try {
    while (room.hasChanged) {
      room.hasChanged = false;
      const people = distinct([...room.here.values(), ...[...room.elsewhere.values()].flatMap((each) => each.people)]);
      const ids = people.map(({ id }) => id);
      const nameOf = await store.inTenant(room.tenant, (tx) => readActorNames(tx, ids));
      const named = people.map(({ id, sinceMs }) => ({ id, name: nameOf(id), since: new Date(sinceMs).toISOString() }));
      const event: AnswerOf<typeof presenceEvent> = { reviewId: room.reviewId, people: named };
      const text = JSON.stringify(event);
      for (const looker of [...room.here.keys()]) looker.onChange(text);
    }
  } catch (error) {
    // Told with the next word of this process.
    room.hasChanged = true;
    log.warn({ err: error }, 'who looks at a review could not be told');
  } finally {
    room.isTelling = false;
  }
}

/** Null for anything else that may be on the channel, such as the message of a newer version. */
function messageOf(text: string): Message | null {
  try {
    const message: unknown = JSON.parse(text);
    return Array.isArray(message) && message.length === 5 && Array.isArray(message[4])
      ? (message as unknown as Message)
      : null;
  } catch {
    return null;
  }
}

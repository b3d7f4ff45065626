import { type Case, expecting } from '../trial';

const CLOCKS_APART_MS = 1_000;
/** As in ISO 8601, or milliseconds since 1970. */
const A_TIME = /\d{4}-\d\d-\d\dT\d\d:\d\d[\d:.]*(?:Z|[+-]\d\d:?\d\d)?|\b1[5-9]\d{11}\b/g;

const recorded: Case = {
  number: 31,
  title: 'who, what, when, why is recorded',
  run: async (trial) => {
    const opened = await trial.open();
    const note = `because of ${opened.subject}`;
    const from = Date.now();
    await trial.decide(opened, { person: 'ann', action: 'approve', note });
    await trial.ended(opened.id);
    const isThen = (time: number) => time >= from - CLOCKS_APART_MS && time <= Date.now() + CLOCKS_APART_MS;
    const entries = ((await trial.system.trail?.(opened.id)) ?? []).map((entry) => ({
      who: /\bann\b/.test(entry),
      what: /\bapproved?\b/.test(entry),
      when: timesIn(entry).some(isThen),
      why: entry.includes(note),
    }));
    const heldBy = (entry: object) => Object.values(entry).filter(Boolean).length;
    // One entry must say it all: a name here and a time there say nothing of the decision.
    const best = entries.sort((a, b) => heldBy(b) - heldBy(a))[0] ?? {
      who: false,
      what: false,
      when: false,
      why: false,
    };
    return expecting('one entry names the person, the decision, its time and the note', best);
  },
};

/** All times that a text names, in milliseconds. */
function timesIn(text: string): readonly number[] {
  return (text.match(A_TIME) ?? []).map((found) => (found.includes('T') ? Date.parse(found) : Number(found)));
}

const sealed: Case = {
  number: 32,
  title: 'the record can’t be changed unseen',
  run: async (trial) => {
    const seen: Record<string, boolean> = {};
    for (const place of ['in the middle', 'at the end'] as const) {
      const opened = await trial.open();
      await trial.decide(opened, { person: 'ann', action: 'approve' });
      await trial.ended(opened.id);
      const before = await trial.system.isIntact?.(opened.id);
      await trial.system.tamper?.(opened.id, place);
      const after = await trial.system.isIntact?.(opened.id);
      seen[`a change ${place} shows`] = before === true && after === false;
    }
    return expecting('a changed entry shows, in the middle and at the end', seen);
  },
};

const tenants: Case = {
  number: 33,
  title: 'other tenants’ items don’t exist',
  run: async (trial) => {
    const { id } = await trial.open();
    const found = await trial.system.foundBy?.('zoe', id);
    return expecting(found === '' ? 'nothing is found, by list or by id' : `found: ${found}`, {
      'nothing is found': found === '',
    });
  },
};

const masked: Case = {
  number: 34,
  title: 'a masked field stays masked until revealed, and revealing is recorded',
  run: async (trial) => {
    const secret = 'jane.roe@example.com';
    const { id } = await trial.open({ text: `Please write to ${secret} about my card.` });
    const first = (await trial.system.inputSeenBy?.(id, { person: 'dee', isRevealed: false })) ?? secret;
    const revealed = (await trial.system.inputSeenBy?.(id, { person: 'dee', isRevealed: true })) ?? '';
    const trail = (await trial.system.trail?.(id)) ?? [];
    return expecting('masked at first, then shown, and the record says to whom', {
      'it is masked': !first.includes(secret),
      'it can be revealed': revealed.includes(secret),
      'that is recorded': trail.some((entry) => /reveal/i.test(entry) && /\bdee\b/.test(entry)),
    });
  },
};

export const recordingCases: readonly Case[] = [recorded, sealed, tenants, masked];

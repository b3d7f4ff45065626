import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApi } from '../../api/server';
import { buttonsOf, type FakeSlackMessage, type SlackDelivery } from '../../fakes/slack';
import { listNotifications } from '../../store/outbox';
import type { Store } from '../../store/store';
import { StoreUnavailableError } from '../../store/StoreUnavailableError';
import { type Answer, ask, eventually } from '../api/testApi';
import type { Opened } from '../support/desk';
import { historyOf, textOfHistory } from '../support/history';
import { CHANNEL, openTellingOffice, type Person, type TellingOffice } from '../support/tellingOffice';
import { trailOf } from '../support/trail';

let office: TellingOffice;
let ann: Person;
let ben: Person;

beforeAll(async () => {
  office = await openTellingOffice({ isMailing: false, isSlacking: true });
  ann = await office.person('Ann');
  ben = await office.person('Ben & <Co>', ['approver']);
});
afterAll(() => office.close());

/** The message about a review, once it is as wanted. */
async function message(
  { reviewId, digest }: Opened,
  isFine: (one: FakeSlackMessage) => boolean = () => true,
): Promise<FakeSlackMessage> {
  const mine = () =>
    office.slack.messages.filter((each) => each.versions.length > 0 && isAbout(each, { reviewId, digest }));
  const [one] = await eventually(
    () => Promise.resolve(mine()),
    ([first]) => first !== undefined && isFine(first),
  );
  if (!one) throw new Error('there is no message');
  return one;
}

/** Buttons go when a review ends, so a message is known by what was posted first. */
const first = new Map<string, string>();
function isAbout(each: FakeSlackMessage, { reviewId }: Pick<Opened, 'reviewId' | 'digest'>): boolean {
  const place = `${each.channel} ${each.ts}`;
  const id = /rev_[a-z0-9]{26}/.exec(JSON.stringify(each.blocks))?.[0];
  if (id !== undefined) first.set(place, id);
  return first.get(place) === reviewId;
}

const hasButtons = (one: FakeSlackMessage) => Object.keys(buttonsOf(one)).length > 0;
const shows = (one: FakeSlackMessage) => JSON.stringify(one.blocks);

function send(
  { body, headers }: SlackDelivery,
  changed: Record<string, string> = {},
  api: { readonly url: string } = office.bank,
): Promise<Answer> {
  return ask(api, 'POST /v1/slack/interactions', { raw: body, headers: { ...headers, ...changed } });
}

const click = async (opened: Opened, user: string, button = 'Approve', at = new Date()) =>
  send(office.slack.click({ message: await message(opened, hasButtons), user, button }, at));

const decisionsOf = async ({ taskId }: Opened) =>
  (await trailOf(office.bank, taskId)).filter(({ kind }) => kind === 'decided' || kind === 'decision_refused');

const decidedInSlack = async (opened: Opened) =>
  (await decisionsOf(opened)).flatMap(({ actor, facts }) => (facts['surface'] === 'slack' ? [actor] : []));

const rowsOf = async ({ taskId }: Opened) => {
  const { dependencies, tenant } = office.bank;
  const { items } = await dependencies.store.inTenant(tenant, (tx) => listNotifications(tx, { limit: 200 }));
  return items.filter((row) => row.taskId === taskId);
};

const whisperTo = async (user: string, said: RegExp) => {
  const [whisper] = await eventually(
    () => Promise.resolve(office.slack.whispers.filter((each) => each.user === user && said.test(each.text))),
    ({ length }) => length > 0,
  );
  return whisper;
};

describe('a message in Slack', () => {
  it('tells the channel of the queue of a review, with buttons and nothing of the customer', async () => {
    const opened = await office.escalated();
    const one = await message(opened);
    expect(one).toMatchObject({
      channel: CHANNEL,
      threadTs: null,
      text: expect.stringMatching(/^Review: bank-support: /),
    });
    expect(Object.keys(buttonsOf(one))).toEqual(['Approve', 'Decline']);
    expect(shows(one)).toContain(opened.digest.slice(0, 12));
  });

  it('goes to the member whom a review is given to', async () => {
    const opened = await office.escalated();
    await message(opened);
    const lead = await office.person('Lea', ['lead']);
    const given = await ask(office.bank, `POST /v1/reviews/${opened.reviewId}/assign`, {
      key: lead.key,
      json: { to: ann.id },
    });
    expect(given.status).toBe(200);
    await eventually(
      () =>
        Promise.resolve(office.slack.messages.filter(({ channel }) => channel === ann.slackUserId.replace('U', 'D'))),
      ({ length }) => length === 1,
    );
  });

  it('loses its buttons and says who decided, wherever that was', async () => {
    const ways: Record<string, (opened: Opened) => Promise<unknown>> = {
      'approved by Ann': (opened) => office.desk.decide(opened, { action: 'approve' }, ann.key),
      'declined by Ben &amp; &lt;Co&gt;': (opened) => office.desk.decide(opened, { action: 'decline' }, ben.key),
      cancelled: ({ taskId }) =>
        ask(office.bank, `POST /v1/tasks/${taskId}/cancel`, { key: office.desk.caller, json: { reason: 'sold out' } }),
    };
    for (const [said, end] of Object.entries(ways)) {
      const opened = await office.escalated();
      await message(opened, hasButtons);
      await end(opened);
      const ended = await message(opened, (one) => !hasButtons(one));
      expect(shows(ended)).toContain(said);
    }
  });

  it('shows the new draft under the same message when one was asked for, and says so below it', async () => {
    const opened = await office.escalated();
    const { ts } = await message(opened, hasButtons);
    await office.desk.decide(opened, { action: 'revise', guidance: 'Kinder.' }, ann.key);
    const reply = await eventually(
      () => Promise.resolve(office.slack.messages.find(({ threadTs }) => threadTs === ts)),
      (found) => found !== undefined,
    );
    expect(reply?.text).toBe('There is a new draft to decide on.');
    const { digest } = await office.desk.review(opened.reviewId);
    expect(shows(await message(opened, hasButtons))).toContain(digest.slice(0, 12));
  });
});

describe('a message that somebody deleted', () => {
  it('is posted again while somebody has to decide, and is no failure', async () => {
    const opened = await office.escalated();
    const before = await message(opened, hasButtons);
    office.slack.remove(before);
    await office.desk.decide(opened, { action: 'revise', guidance: 'Shorter.' }, ann.key);
    const after = await message(opened, (one) => hasButtons(one) && one.ts !== before.ts);
    const { digest } = await eventually(
      () => office.desk.review(opened.reviewId),
      ({ round, status }) => round === 2 && status === 'open',
    );
    await eventually(
      () => Promise.resolve(shows(after)),
      (shown) => shown.includes(digest.slice(0, 12)),
    );
    const rows = await eventually(
      () => rowsOf(opened),
      (all) => all.every(({ state }) => state !== 'pending'),
    );
    expect(rows.filter(({ state, lastFailure }) => state === 'parked' || lastFailure !== null)).toEqual([]);
  });

  it('is not missed where the review is decided', async () => {
    const opened = await office.escalated();
    office.slack.remove(await message(opened, hasButtons));
    await office.desk.decide(opened, { action: 'decline' }, ann.key);
    const rows = await eventually(
      () => rowsOf(opened),
      (all) => all.length > 1 && all.every(({ state }) => state !== 'pending'),
    );
    expect(rows.map(({ state }) => state)).not.toContain('parked');
    expect(office.slack.messages.filter((each) => isAbout(each, opened))).toEqual([]);
  });
});

describe('a click in Slack', () => {
  it('decides as the member whose Slack id it is, is answered then, and takes the buttons away', async () => {
    const opened = await office.escalated();
    await message(opened, hasButtons);
    const answer = await click(opened, ann.slackUserId);
    expect([answer.status, answer.body]).toEqual([200, undefined]);
    expect(await decidedInSlack(opened)).toEqual([ann.id]);
    const task = await office.desk.ended(opened.taskId);
    expect(task).toMatchObject({ outcome: 'approved', permit: { kind: 'decision', by: ann.id } });
    expect(shows(await message(opened, (one) => !hasButtons(one)))).toContain('approved by Ann');
  });

  it('that can not be decided soon is answered before Slack gives up, and decided after that', async () => {
    const opened = await office.escalated();
    await message(opened, hasButtons);
    await office.bank.stopWorkers();
    const startedAt = performance.now();
    const answer = await click(opened, ann.slackUserId);
    const tookMs = performance.now() - startedAt;
    const decidedBefore = await decidedInSlack(opened);
    await office.bank.startWorkers();
    expect(answer.status).toBe(200);
    expect(tookMs).toBeLessThan(3_000);
    expect(decidedBefore).toEqual([]);
    await office.desk.ended(opened.taskId);
    expect(await decidedInSlack(opened)).toEqual([ann.id]);
  });

  it('of the second person is told who decided, to them alone', async () => {
    const opened = await office.escalated();
    const late = office.slack.click({
      message: await message(opened, hasButtons),
      user: ben.slackUserId,
      button: 'Decline',
    });
    await click(opened, ann.slackUserId);
    await office.desk.ended(opened.taskId);
    expect((await send(late)).status).toBe(200);
    expect(await whisperTo(ben.slackUserId, /decided on already.*Ann: approve, at \d{4}-/)).toMatchObject({
      channel: CHANNEL,
    });
    const kinds = (await decisionsOf(opened)).map(({ kind, facts }) => [kind, facts['code'] ?? null]);
    expect(kinds).toEqual([
      ['decided', null],
      ['decision_refused', 'already_decided'],
    ]);
  });

  it('that Slack sends again decides once', async () => {
    const opened = await office.escalated();
    const shown = await message(opened, hasButtons);
    const delivery = office.slack.click({ message: shown, user: ann.slackUserId, button: 'Approve' });
    const before = office.slack.whispers.length;
    await Promise.all([send(delivery), send(delivery), send(delivery)]);
    await office.desk.ended(opened.taskId);
    await send(delivery);
    await message(opened, (one) => !hasButtons(one));
    expect((await decisionsOf(opened)).map(({ kind }) => kind)).toEqual(['decided']);
    expect(office.slack.whispers.length).toBe(before);
  });

  it('on a draft that another has replaced is refused', async () => {
    const opened = await office.escalated();
    const old = office.slack.click({
      message: await message(opened, hasButtons),
      user: ben.slackUserId,
      button: 'Approve',
    });
    await office.desk.decide(opened, { action: 'revise', guidance: 'Shorter.' }, ann.key);
    await eventually(
      () => office.desk.review(opened.reviewId),
      ({ rounds, status }) => rounds.length === 2 && status === 'open',
    );
    await send(old);
    await whisperTo(ben.slackUserId, /not that of the draft under review/);
    expect((await office.desk.review(opened.reviewId)).status).toBe('open');
  });

  it('of somebody who is no member, or not in this role, decides nothing and is on the record', async () => {
    const opened = await office.escalated();
    await click(opened, 'U0STRANGER');
    await whisperTo('U0STRANGER', /no member here/);
    const auditor = await office.person('Audrey', ['auditor']);
    await click(opened, auditor.slackUserId);
    await whisperTo(auditor.slackUserId, /role that you do not have/);
    const decisions = await decisionsOf(opened);
    expect(decisions.map(({ actor, facts }) => [actor, facts['code'], facts['surface']])).toEqual([
      ['unknown', 'member_unknown', 'slack'],
      [auditor.id, 'role_required', 'slack'],
    ]);
    expect(textOfHistory(await historyOf(office.bank, opened.taskId))).not.toMatch(/U0STRANGER/);
  });

  describe('while the store can not be reached', () => {
    /** Clicks at an API that reaches the store no more as soon as `gone` resolves, and waits for it until then. */
    async function whileAway(gone: Promise<void>, then: (answer: Answer) => unknown): Promise<void> {
      const opened = await office.escalated();
      const shown = await message(opened, hasButtons);
      const { dependencies } = office.bank;
      const away = async () => {
        await gone;
        throw new StoreUnavailableError(new Error('cut off'));
      };
      const store: Store = { ...dependencies.store, inTenant: away };
      const cutOff = await startApi({ ...dependencies, store });
      try {
        const delivery = office.slack.click({ message: shown, user: ann.slackUserId, button: 'Approve' });
        await then(await send(delivery, {}, cutOff));
        expect(await decisionsOf(opened)).toEqual([]);
      } finally {
        await cutOff.close();
      }
    }

    it('is answered so that Slack shows it as failed', async () => {
      await whileAway(Promise.resolve(), ({ status, body }) =>
        expect([status, body?.code]).toEqual([503, 'unavailable']),
      );
    });

    it('and fails after it was answered, is told to whoever clicked', async () => {
      let lose = () => undefined as void;
      const gone = new Promise<void>((resolve) => (lose = resolve));
      await whileAway(gone, async ({ status }) => {
        expect(status).toBe(200);
        lose();
        await whisperTo(ann.slackUserId, /not known whether this was decided/);
      });
    });
  });

  describe('that Slack did not sign, or not now,', () => {
    let opened: Opened;
    let shown: FakeSlackMessage;
    beforeAll(async () => {
      opened = await office.escalated();
      shown = await message(opened, hasButtons);
    });
    const good = (at = new Date()) =>
      office.slack.click({ message: shown, user: ann.slackUserId, button: 'Approve' }, at);
    const signed = (body: string, secret: string) => {
      const timestamp = String(Math.floor(Date.now() / 1000));
      const mac = createHmac('sha256', secret).update(`v0:${timestamp}:${body}`).digest('hex');
      return {
        body,
        headers: { ...good().headers, 'x-slack-request-timestamp': timestamp, 'x-slack-signature': `v0=${mac}` },
      };
    };

    const cases: readonly (readonly [string, () => SlackDelivery])[] = [
      ['by another secret', () => signed(good().body, 'another secret')],
      ['with a changed body', () => ({ ...good(), body: good().body.replace(ann.slackUserId, ben.slackUserId) })],
      ['without a signature', () => ({ ...good(), headers: { 'content-type': 'application/x-www-form-urlencoded' } })],
      [
        'with a signature of another length',
        () => ({ ...good(), headers: { ...good().headers, 'x-slack-signature': 'v0=00' } }),
      ],
      ['six minutes ago', () => good(new Date(Date.now() - 360_000))],
      ['in six minutes', () => good(new Date(Date.now() + 360_000))],
      ['at no time', () => ({ ...good(), headers: { ...good().headers, 'x-slack-request-timestamp': 'now' } })],
    ];
    it.each(cases)('%s, is 401', async (_what, made) => {
      const answer = await send(made());
      expect([answer.status, answer.body.code]).toEqual([401, 'unauthenticated']);
      expect(await decisionsOf(opened)).toEqual([]);
    });

    it('and one that is signed and no click of ours is let be', async () => {
      for (const payload of [
        '',
        'no json',
        '{}',
        '{"type":"view_submission"}',
        JSON.stringify({ type: 'block_actions', actions: [] }),
      ])
        expect(
          (await send(signed(new URLSearchParams({ payload }).toString(), office.slack.signingSecret))).status,
        ).toBe(200);
      expect(await decisionsOf(opened)).toEqual([]);
    });

    it('and one whose button was made by somebody else is told so', async () => {
      const made = decodeURIComponent(good().body.replaceAll('+', ' ')).slice('payload='.length);
      const payload = JSON.parse(made) as { actions: { value: string }[] };
      const [action] = payload.actions;
      if (action) action.value = `${action.value.slice(0, -4)}AAAA`;
      const body = new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
      expect((await send(signed(body, office.slack.signingSecret))).status).toBe(200);
      await whisperTo(ann.slackUserId, /not made by this installation/);
      expect(await decisionsOf(opened)).toEqual([]);
    });
  });
});

describe('Slack', () => {
  it.each([
    ['is away', { kind: 'reset' as const }, 'unreachable'],
    ['fails', { kind: 'down' as const }, 'not_accepted'],
    ['says something else than it should', { kind: 'not_json' as const }, 'not_accepted'],
  ])('that %s is asked again until it is well', async (_what, behaviour, failure) => {
    office.slack.behave(behaviour);
    const opened = await office.escalated();
    const [row] = await eventually(
      () => rowsOf(opened),
      ([one]) => (one?.attempts ?? 0) > 1 && one?.lastFailure !== null,
    );
    expect(row).toMatchObject({ state: 'pending', lastFailure: failure });
    office.slack.behave({ kind: 'ok' });
    await message(opened, hasButtons);
  });

  it('that asks for patience gets it', async () => {
    office.slack.behave({ kind: 'busy', retryAfterSeconds: 2 }, 1);
    const opened = await office.escalated();
    const [row] = await eventually(
      () => rowsOf(opened),
      ([one]) => one?.lastFailure === 'rate_limited',
    );
    const askedFor = Date.parse(row?.dueAt ?? '') - Date.now();
    expect(askedFor).toBeGreaterThan(1_000);
    await message(opened, hasButtons);
    const [sent] = await eventually(
      () => rowsOf(opened),
      ([one]) => one?.state === 'sent',
    );
    expect(sent?.attempts).toBe(2);
  });

  it('that does not know the channel yet is asked again, and a review that was decided meanwhile is not told', async () => {
    office.slack.refuse('channel_not_found');
    const opened = await office.escalated();
    await eventually(
      () => rowsOf(opened),
      ([one]) => one?.lastFailure === 'not_accepted',
    );
    await office.desk.decide(opened, { action: 'decline' }, ann.key);
    office.slack.refuse(null);
    const rows = await eventually(
      () => rowsOf(opened),
      (all) => all.every(({ state }) => state !== 'pending'),
    );
    expect(new Set(rows.map(({ state }) => state))).toEqual(new Set(['superfluous']));
    expect(office.slack.messages.some((each) => isAbout(each, opened))).toBe(false);
  });
});

describe('the ladder', () => {
  it('calls again below the message, brings it up to date, and mails those whom it adds', async () => {
    const slow = await openTellingOffice({
      isMailing: true,
      isSlacking: true,
      review: {
        remindAfterSeconds: [1],
        onTimeout: { kind: 'keep_waiting' },
        ladder: [
          { kind: 'widen', afterSeconds: 2, toQueue: 'second-line' },
          { kind: 'overdue', afterSeconds: 3 },
        ],
      },
    });
    try {
      const first = await slow.person('Una', ['reviewer'], { queues: ['support'] });
      const added = await slow.person('Vic', ['reviewer'], { queues: ['second-line'] });
      await slow.escalated();
      const callsTo = ({ email }: Person) =>
        slow.mailbox.mails
          .filter(({ to }) => to.includes(email))
          .map(({ text }) => /needs a decision\. (.*?)\r?\n/.exec(text)?.[1] ?? '');
      await eventually(
        () => Promise.resolve([callsTo(first).length, callsTo(added).length]),
        ([toFirst, toAdded]) => toFirst === 3 && toAdded === 2,
      );
      const overdue = 'It is overdue.';
      expect(callsTo(first)).toEqual([
        'It waits for somebody to decide.',
        'It still waits for somebody to decide.',
        overdue,
      ]);
      expect(callsTo(added)).toEqual(['It was put before more people, since nobody has decided.', overdue]);
      const below = await eventually(
        () => Promise.resolve(slow.slack.messages.filter(({ threadTs }) => threadTs !== null).map(({ text }) => text)),
        ({ length }) => length === 3,
      );
      // In the channel of the first queue, and with the one whose queue has none.
      expect(below).toEqual(['It still waits for somebody to decide.', overdue, overdue]);
      expect(shows(slow.slack.messages[0] as FakeSlackMessage)).toContain('(overdue)');
      expect(slow.slack.messages.filter(hasButtons).map(({ channel }) => channel)).toContain(
        added.slackUserId.replace('U', 'D'),
      );
    } finally {
      await slow.close();
    }
  });
});

describe('a review in two queues', () => {
  it('is called overdue in the channels of both', async () => {
    const channels = [
      { queue: 'support', channel: CHANNEL },
      { queue: 'second-line', channel: 'C0SECOND' },
    ];
    const both = await openTellingOffice({
      isMailing: false,
      isSlacking: true,
      env: { SLACK_CHANNELS: JSON.stringify(channels) },
      review: {
        remindAfterSeconds: [],
        onTimeout: { kind: 'keep_waiting' },
        ladder: [
          { kind: 'widen', afterSeconds: 1, toQueue: 'second-line' },
          { kind: 'overdue', afterSeconds: 2 },
        ],
      },
    });
    try {
      await both.escalated();
      const told = await eventually(
        () => Promise.resolve(both.slack.messages.filter(({ threadTs }) => threadTs !== null)),
        ({ length }) => length === 2,
      );
      expect(told.map(({ channel, text }) => [channel, text]).sort()).toEqual([
        ['C0SECOND', 'It is overdue.'],
        [CHANNEL, 'It is overdue.'],
      ]);
    } finally {
      await both.close();
    }
  });
});

it('no message, and no line of the log, says anything of a customer', () => {
  expect(office.slack.requests.length).toBeGreaterThan(20);
  for (const said of [office.sent(), office.bank.logged()]) expect(said).not.toMatch(/Zarathustra|Xanadu|Quenby/);
  for (const secret of [office.slack.token, office.slack.signingSecret])
    expect(office.bank.logged()).not.toContain(secret);
});

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { signToken } from '../../platform/notify/linkTokens';
import { listNotifications, type NotificationRow, takeDueNotifications } from '../../store/outbox';
import { sendNotification } from '../../worker/notifications/sendNotification';
import { type Answer, ask, eventually } from '../api/testApi';
import type { Opened } from '../support/desk';
import { historyOf, textOfHistory } from '../support/history';
import type { ReceivedMail } from '../support/mailbox';
import { CANARY, openTellingOffice, type Person, type TellingOffice } from '../support/tellingOffice';
import { expire, signalDecide } from '../support/tokens';
import { trailOf } from '../support/trail';

let office: TellingOffice;
let ann: Person;
let ben: Person;

beforeAll(async () => {
  office = await openTellingOffice({ isMailing: true, isSlacking: false });
  ann = await office.person('Ann');
  ben = await office.person('Ben', ['approver'], { queues: ['support'], locale: 'de-CH' });
  await office.person('Cy', ['reviewer'], { queues: ['invoices'] });
});
afterAll(() => office.close());

const mailsOf = (opened: Opened, to: Person) =>
  office.mailbox.mails.filter(
    ({ to: recipients, text }) => recipients.includes(to.email) && text.includes(opened.reviewId),
  );

async function mailTo(to: Person, opened: Opened): Promise<ReceivedMail> {
  const [mail] = await eventually(
    () => Promise.resolve(mailsOf(opened, to)),
    ({ length }) => length > 0,
  );
  if (!mail) throw new Error('there is no mail');
  return mail;
}

/** The link of a mail, at the address that the test reaches. */
async function linkTo(to: Person, opened: Opened): Promise<URL> {
  const found = /http:\/\/countersign\.test(\/reviews\/\S+)/.exec((await mailTo(to, opened)).text)?.[1] ?? '';
  return new URL(found, office.bank.url);
}

const tokenOf = (link: URL) => link.searchParams.get('token') ?? '';

interface Press {
  readonly action?: string;
  readonly read?: string;
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly path?: string;
}

/** Presses a button of the page, as a browser does. */
function press(link: URL, { action = 'approve', read = 'yes', token = tokenOf(link), headers, path }: Press = {}) {
  return ask({ url: link.origin }, `POST ${path ?? link.pathname}`, {
    raw: new URLSearchParams({ token, action, ...(read !== '' && { read }) }).toString(),
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      ...(headers ?? { origin: link.origin, 'sec-fetch-site': 'same-origin' }),
    },
  });
}

const decisionsOf = async ({ taskId }: Opened) =>
  (await trailOf(office.bank, taskId)).filter(({ kind }) => kind === 'decided' || kind === 'decision_refused');

const rowsOf = async ({ taskId }: Opened): Promise<readonly NotificationRow[]> => {
  const { dependencies, tenant } = office.bank;
  const { items } = await dependencies.store.inTenant(tenant, (tx) => listNotifications(tx, { limit: 200 }));
  return items.filter((row) => row.taskId === taskId);
};

describe('an e-mail about a review', () => {
  it('goes to each member who is told of the queue, with what may be said outside and nothing of the customer', async () => {
    const opened = await office.escalated();
    const [toAnn, toBen] = [await mailTo(ann, opened), await mailTo(ben, opened)];
    expect(toAnn.subject).toMatch(/^Review: bank-support: \w+, due .* UTC$/);
    expect(toAnn.text).toMatch(
      /^Why: +Every answer of this class is reviewed until it has earned to leave alone\.\s*$/m,
    );
    expect(toAnn.text).toContain(`Draft:      round 1, ${opened.digest.slice(0, 12)}`);
    expect(toBen.subject).toMatch(/due \d\d\.\d\d\.\d{4}, /);
    await eventually(
      () => rowsOf(opened),
      (rows) => rows.every(({ state }) => state === 'sent'),
    );
    expect(await rowsOf(opened)).toHaveLength(2);
  });

  it('has an id that is its own, and the same for each attempt of a sender that was killed', async () => {
    await office.mailbox.shut();
    const opened = await office.escalated();
    const [row] = await eventually(
      () => rowsOf(opened),
      (rows) => rows.length === 2 && rows.every(({ attempts }) => attempts > 0),
    );
    await office.mailbox.open();
    if (!row) throw new Error('nothing was queued');
    // A sender that dies between sending and noting it.
    await sendNotification(office.sending, office.bank.tenant, row);
    const person = row.recipient === ann.id ? ann : ben;
    const mails = await eventually(
      () => Promise.resolve(mailsOf(opened, person)),
      ({ length }) => length === 2,
    );
    expect(new Set(mails.map(({ messageId }) => messageId)).size).toBe(1);
    const other = await mailTo(person === ann ? ben : ann, opened);
    expect(other.messageId).not.toBe(mails[0]?.messageId);
    expect(other.messageId).toMatch(/^<[0-9a-f]{32}@bank\.example>$/);
  });

  it('is sent once by several senders', async () => {
    const others = Array.from({ length: 3 }, () => office.another());
    const opened = await Promise.all(Array.from({ length: 4 }, () => office.escalated()));
    for (const each of opened) {
      await eventually(
        () => rowsOf(each),
        (rows) => rows.length === 2 && rows.every(({ state }) => state === 'sent'),
      );
      expect([mailsOf(each, ann).length, mailsOf(each, ben).length]).toEqual([1, 1]);
      expect((await rowsOf(each)).map(({ attempts }) => attempts)).toEqual([1, 1]);
    }
    await Promise.all(others.map((each) => each.close()));
  });

  it('is not sent any more once somebody has decided', async () => {
    await office.mailbox.shut();
    const opened = await office.escalated();
    await office.desk.decide(opened, { action: 'decline' }, ann.key);
    await office.mailbox.open();
    const rows = await eventually(
      () => rowsOf(opened),
      (all) => all.every(({ state }) => state !== 'pending'),
    );
    expect(rows.map(({ state }) => state)).toEqual(['superfluous', 'superfluous']);
    expect(mailsOf(opened, ann)).toEqual([]);
  });
});

describe('a mail server', () => {
  const stateOf = async (opened: Opened) =>
    (await rowsOf(opened)).map(({ state, lastFailure }) => [state, lastFailure]);

  it('that is away is asked again until it is there', async () => {
    await office.mailbox.shut();
    const opened = await office.escalated();
    await eventually(
      () => rowsOf(opened),
      (rows) => rows.length === 2 && rows.every(({ attempts, lastFailure }) => attempts > 1 && lastFailure !== null),
    );
    expect((await stateOf(opened))[0]).toEqual(['pending', 'unreachable']);
    await office.mailbox.open();
    await mailTo(ann, opened);
    await mailTo(ben, opened);
  });

  it('that says "later" is asked again, and one that says "never" is not: it is parked, listed, and sent on request', async () => {
    office.mailbox.refuse(450);
    const opened = await office.escalated();
    await eventually(
      () => rowsOf(opened),
      (rows) => rows.length === 2 && rows.every(({ attempts }) => attempts > 1),
    );
    office.mailbox.refuse(550);
    await eventually(
      () => stateOf(opened),
      (states) => states.every(([state, failure]) => state === 'parked' && failure === 'refused'),
    );
    const parked = (await ask(office.bank, 'GET /v1/notifications?state=parked', { key: office.admin })).body.items;
    const mine = parked.filter(({ taskId }: { taskId: string }) => taskId === opened.taskId);
    expect(mine.map(({ recipient }: { recipient: string }) => recipient).sort()).toEqual([ann.id, ben.id].sort());
    office.mailbox.refuse(null);
    const retry = (id: string) => ask(office.bank, `POST /v1/notifications/${id}/retry`, { key: office.admin });
    for (const { id } of mine) expect((await retry(id)).status).toBe(204);
    await mailTo(ann, opened);
    await mailTo(ben, opened);
    expect((await retry(mine[0].id)).body.code).toBe('notification_unknown');
    expect((await retry('ntf_x')).body.code).toBe('notification_unknown');
  });

  it('that stays away for a day is given up', async () => {
    await office.mailbox.shut();
    const opened = await office.escalated();
    await eventually(
      () => rowsOf(opened),
      (rows) => rows.length === 2 && rows.every(({ attempts }) => attempts > 0),
    );
    office.advance(86_400 - 600);
    await eventually(
      () => rowsOf(opened),
      (rows) => rows.every(({ attempts }) => attempts > 2),
    );
    expect((await stateOf(opened))[0]?.[0]).toBe('pending');
    office.advance(700);
    await eventually(
      () => stateOf(opened),
      (states) => states.every(([state, failure]) => state === 'parked' && failure === 'unreachable'),
    );
    office.advance(-86_500);
    await office.mailbox.open();
  });

  it('gets what a killed sender had taken, when its lease is over', async () => {
    await office.mailbox.shut();
    const opened = await office.escalated();
    const { dependencies, tenant } = office.bank;
    const isFree = (rows: readonly NotificationRow[]) =>
      rows.length === 2 && rows.every(({ attempts }) => attempts > 0);
    await eventually(() => rowsOf(opened), isFree);
    const taken = await eventually(
      () => {
        const at = Date.now();
        const lease = { at: iso(at + 1_000), until: iso(at + 3_000), limit: 10 };
        return dependencies.store.inTenant(tenant, (tx) => takeDueNotifications(tx, lease));
      },
      (rows) => rows.some(({ taskId }) => taskId === opened.taskId),
    );
    expect(taken.length).toBeGreaterThan(0);
    await office.mailbox.open();
    await mailTo(ann, opened);
    await mailTo(ben, opened);
  });
});

const iso = (ms: number) => new Date(ms).toISOString();

describe('the link of an e-mail', () => {
  it('decides nothing by being fetched, however often and by whom', async () => {
    const opened = await office.escalated();
    const link = await linkTo(ann, opened);
    for (const method of ['GET', 'HEAD', 'GET']) {
      const page = await ask(office.bank, `${method} ${link.pathname}${link.search}`);
      expect([page.status, page.headers.get('referrer-policy')]).toEqual([200, 'same-origin']);
      expect(page.headers.get('content-security-policy')).toContain("script-src 'self'");
      if (method === 'GET') expect(page.body).toMatch(/<button name="action" value="approve">/);
    }
    expect(await decisionsOf(opened)).toEqual([]);
    expect(textOfHistory(await historyOf(office.bank, opened.taskId))).not.toMatch(/UPDATE_ACCEPTED|"decided"/);
    expect((await office.desk.review(opened.reviewId)).status).toBe('open');
  });

  it('shows what would be decided without a word of the customer or the draft', async () => {
    const opened = await office.escalated();
    const { draft } = await office.desk.review(opened.reviewId);
    const link = await linkTo(ann, opened);
    const { body } = await ask(office.bank, `GET ${link.pathname}${link.search}`);
    expect(body).toContain(opened.digest);
    expect(body).toContain('the draft is delivered, and does: log_interaction');
    expect(body).not.toContain(CANARY);
    expect(body).not.toContain(String(draft.output.reply).split('\n')[2]?.slice(0, 30));
  });

  it('decides once, as its member, when the button is pressed', async () => {
    const opened = await office.escalated();
    const link = await linkTo(ann, opened);
    const first = await press(link);
    expect([first.status, first.body]).toEqual([200, expect.stringContaining('You approved this draft')]);
    const task = await office.desk.ended(opened.taskId);
    expect(task).toMatchObject({ outcome: 'approved', permit: { kind: 'decision', by: ann.id } });
    expect((await press(link)).body).toContain('You approved this draft');
    const other = await press(link, { action: 'decline' });
    expect([other.status, other.body]).toEqual([409, expect.stringContaining('This link was used')]);
    const decisions = await decisionsOf(opened);
    expect(decisions.map(({ kind, actor }) => [kind, actor])).toEqual([
      ['decided', ann.id],
      ['decision_refused', ann.id],
    ]);
    expect(decisions[0]?.facts).toMatchObject({ action: 'approve', surface: 'link' });
    expect(decisions[1]?.facts).toMatchObject({ code: 'link_used', surface: 'link' });
    const late = await press(await linkTo(ben, opened), { action: 'decline' });
    expect([late.status, late.body]).toEqual([
      409,
      expect.stringMatching(/Somebody decided before you.*Ann: approve/s),
    ]);
    const page = await ask(office.bank, `GET ${link.pathname}${link.search}`);
    expect(page.body).toContain('waits for nobody any more');
  });

  it('is not used up by being refused while a colleague holds the review', async () => {
    const opened = await office.escalated();
    const link = await linkTo(ann, opened);
    const bens = (verb: string) =>
      ask(office.bank, `POST /v1/reviews/${opened.reviewId}/${verb}`, { key: ben.key, json: {} });
    expect((await bens('claim')).status).toBe(200);
    for (const action of ['approve', 'approve', 'decline']) {
      const held = await press(link, { action });
      expect([held.status, held.body]).toEqual([409, expect.stringContaining('Ben holds it until')]);
    }
    expect((await bens('release')).status).toBe(200);
    expect((await press(link, { action: 'decline' })).body).toContain('You declined this task');
    expect((await press(link, { action: 'decline' })).body).toContain('You declined this task');
    const decisions = await decisionsOf(opened);
    expect(decisions.map(({ facts }) => facts['code'] ?? null)).toEqual([...Array(3).fill('claimed_by_other'), null]);
  });

  it('declines without the box that says that the draft was read', async () => {
    const opened = await office.escalated();
    const answer = await press(await linkTo(ben, opened), { action: 'decline', read: '' });
    expect(answer.body).toContain('You declined this task');
    expect((await office.desk.ended(opened.taskId)).outcome).toBe('declined');
  });

  describe('is refused with a page that says why, on the record and without a change,', () => {
    let opened: Opened;
    let link: URL;
    beforeAll(async () => {
      opened = await office.escalated();
      link = await linkTo(ann, opened);
    });
    const sign = (changes: object) => {
      const { reviewId, digest } = opened;
      const good = { use: 'link' as const, tenant: office.bank.tenant, reviewId, memberId: ann.id, round: 1, digest };
      const expiresAt = new Date(Date.now() + 60_000).toISOString();
      return signToken(office.bank.dependencies.keyring, { ...good, expiresAt, ...changes });
    };
    const cookieOf = async (person: Person): Promise<string> => {
      const made = await ask(office.bank, `POST /v1/members/${person.id}/sign-in-links`, { key: office.admin });
      const token = new URL(made.body.path, office.bank.url).searchParams.get('token') ?? '';
      const answer = await ask(office.bank, 'POST /sign-in', {
        raw: new URLSearchParams({ token }).toString(),
        headers: { 'content-type': 'application/x-www-form-urlencoded', origin: office.bank.url },
      });
      return (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
    };

    const cases: readonly (readonly [string, string, number, () => Promise<Press> | Press])[] = [
      ['from another site', 'link_from_elsewhere', 403, () => ({ headers: { origin: 'https://evil.example' } })],
      ['from a page that says nothing', 'link_from_elsewhere', 403, () => ({ headers: {} })],
      [
        'by a frame of another site',
        'link_from_elsewhere',
        403,
        () => ({ headers: { 'sec-fetch-site': 'cross-site' } }),
      ],
      ['with a changed token', 'link_forged', 400, () => ({ token: changed(tokenOf(link)) })],
      ['with a token for a button in Slack', 'link_forged', 400, () => ({ token: sign({ use: 'slack' }) })],
      ['for another review', 'link_forged', 400, () => ({ token: sign({ reviewId: `rev_${'a'.repeat(26)}` }) })],
      ['after it has expired', 'link_expired', 410, () => ({ token: expire(office.bank, tokenOf(link)) })],
      ['without having read the draft', 'link_unread', 422, () => ({ read: '' })],
      ['with a button that is not there', 'link_unclear', 400, () => ({ action: 'correct' })],
      [
        'for a digest that is not under review',
        'stale_digest',
        409,
        () => ({ token: sign({ digest: 'a'.repeat(64) }) }),
      ],
      [
        'with somebody else signed in',
        'link_of_another',
        403,
        async () => ({ headers: { origin: office.bank.url, cookie: await cookieOf(ben) } }),
      ],
      [
        'for a member who was deactivated',
        'link_of_another',
        403,
        async () => {
          const gone = await office.person('Gone');
          await ask(office.bank, `DELETE /v1/members/${gone.id}`, { key: office.admin });
          return { token: sign({ memberId: gone.id }) };
        },
      ],
      [
        'for a member who may not decide any more',
        'role_required',
        403,
        async () => ({ token: sign({ memberId: (await office.person('Auditor', ['auditor'])).id }) }),
      ],
    ];

    it.each(cases)('%s', async (_what, code, status, made) => {
      const before = await decisionsOf(opened);
      const answer: Answer = await press(link, await made());
      expect([answer.status, answer.headers.get('content-type')]).toEqual([status, 'text/html; charset=utf-8']);
      expect(answer.body).toMatch(/<h1>.+<\/h1><p>.+<\/p>/);
      const after = (await decisionsOf(opened)).slice(before.length);
      expect(after.map(({ kind, facts }) => [kind, facts['code'], facts['surface']])).toEqual([
        ['decision_refused', code, 'link'],
      ]);
      expect((await office.desk.review(opened.reviewId)).status).toBe('open');
    });

    it('each time it is pressed, under whatever request ids', async () => {
      const before = await decisionsOf(opened);
      const headers = { 'x-request-id': 'always-the-same', origin: 'https://evil.example' };
      for (let times = 0; times < 2; times += 1) expect((await press(link, { headers })).status).toBe(403);
      expect((await decisionsOf(opened)).length - before.length).toBe(2);
    });

    it('without an entry where it names no review of ours', async () => {
      const answer = await press(link, { path: `/reviews/rev_${'b'.repeat(26)}/decide` });
      expect([answer.status, answer.body]).toEqual([400, expect.stringContaining('This link is not valid')]);
      expect((await press(link, { token: 'x' })).status).toBe(400);
    });
  });

  it('is no decision token: a signal that carries one is refused', async () => {
    const opened = await office.escalated();
    await signalDecide(office.bank, opened.taskId, tokenOf(await linkTo(ann, opened)));
    const [refused] = await eventually(
      () => decisionsOf(opened),
      ({ length }) => length > 0,
    );
    expect(refused?.facts).toMatchObject({ code: 'token_invalid', why: 'malformed', surface: 'signal' });
  });

  it('is for one draft: when another takes its place, a new e-mail brings a new one', async () => {
    const opened = await office.escalated();
    const old = await linkTo(ann, opened);
    await office.desk.decide(opened, { action: 'revise', guidance: 'Say when the new card comes.' }, ben.key);
    const [, second] = await eventually(
      () => Promise.resolve(mailsOf(opened, ann)),
      ({ length }) => length === 2,
    );
    expect(second?.text).toContain('There is a new draft to decide on.');
    const answer = await press(old);
    expect([answer.status, answer.body]).toEqual([409, expect.stringContaining('The draft has changed')]);
  });
});

describe('the link to a review that only the holder of its claim decides', () => {
  let strict: TellingOffice;
  beforeAll(async () => {
    strict = await openTellingOffice({
      isMailing: true,
      isSlacking: false,
      review: { isClaimRequired: true, undoSeconds: 60 },
    });
  });
  afterAll(() => strict.close());

  it('says so, decides once they hold it, and does not decide again after an undo', async () => {
    const eve = await strict.person('Eve');
    const opened = await strict.escalated();
    const [mail] = await eventually(
      () => Promise.resolve(strict.mailbox.mails),
      ({ length }) => length > 0,
    );
    const path = /http:\/\/countersign\.test(\/reviews\/\S+)/.exec(mail?.text ?? '')?.[1] ?? '';
    const link = new URL(path, strict.bank.url);
    const shown = () => ask(strict.bank, `GET ${link.pathname}${link.search}`);
    const eves = (verb: string) =>
      ask(strict.bank, `POST /v1/reviews/${opened.reviewId}/${verb}`, { key: eve.key, json: {} });
    const said = 'Only who holds this review decides on it, and you do not.';

    expect((await shown()).body).toContain(said);
    const without = await press(link);
    expect([without.status, without.body]).toEqual([409, expect.stringContaining('You do not hold this review')]);
    expect((await eves('claim')).status).toBe(200);
    expect((await shown()).body).not.toContain(said);
    expect((await press(link)).body).toContain('You approved this draft');
    expect((await eves('undo')).status).toBe(200);
    expect((await eves('claim')).status).toBe(200);
    expect((await press(link)).body).toContain('You approved this draft');
    expect((await press(link, { action: 'decline' })).body).toContain('This link was used');
    expect((await strict.desk.review(opened.reviewId)).rounds[0].decision).toBeNull();
  });
});

it('no mail and no line of the log says anything of a customer, and no line an address', () => {
  expect(office.mailbox.mails.length).toBeGreaterThan(20);
  for (const said of [office.sent(), office.bank.logged()]) expect(said).not.toMatch(/Zarathustra|Xanadu|Quenby/);
  expect(office.bank.logged()).not.toContain('@bank.example');
});

function changed(token: string): string {
  const [payload = '', mac = ''] = token.split('.');
  const text = Buffer.from(payload, 'base64url').toString('utf8').replace(ann.id, ben.id);
  return `${Buffer.from(text).toString('base64url')}.${mac}`;
}

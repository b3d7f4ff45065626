import { HTTP_STATUS_OF_CODE } from '../contracts/words/errorCodes';
import type { ErrorCode } from '../contracts/words/errorCodes';
import type { DecisionRecord } from '../contracts/words/task';
import type { LinkView } from './decisionLinkView';
import { escapeHtml, pageOf } from './page';
import { PROBLEM_SENTENCES } from './problemSentences';

/** Why a link is refused before the workflow is asked. */
export type LinkRefusal =
  | 'link_forged'
  | 'link_expired'
  | 'link_used'
  | 'link_of_another'
  | 'link_from_elsewhere'
  | 'link_unread'
  | 'link_unclear';

const LINK_REFUSALS: Readonly<
  Record<LinkRefusal, { readonly status: number; readonly title: string; readonly why: string }>
> = {
  link_forged: {
    status: 400,
    title: 'This link is not valid',
    why: 'It was not made by this installation, or was changed or cut on its way. Copy it whole from the e-mail.',
  },
  link_expired: {
    status: 410,
    title: 'This link has expired',
    why: 'Decide in Countersign. A reminder brings a new link.',
  },
  link_used: {
    status: 409,
    title: 'This link was used',
    why: 'It decides once, and did. Look at the review in Countersign to see how it stands.',
  },
  link_of_another: {
    status: 403,
    title: 'This link is not yours',
    why: 'It was made for another member, or for one who is no longer active.',
  },
  link_from_elsewhere: {
    status: 403,
    title: 'The request did not come from this site',
    why: 'Open the link from the e-mail, and use the buttons of its page.',
  },
  link_unread: {
    status: 422,
    title: 'Please read the draft first',
    why: 'To approve is to say that you have read the draft. Go back and tick the box once you have.',
  },
  link_unclear: { status: 400, title: 'Nothing was decided', why: 'Use one of the buttons of the page.' },
};

/** What would be decided, and two buttons that post it. */
export function confirmPage(view: LinkView, { token }: { readonly token: string }): string {
  const rows = {
    About: view.class === null ? view.type : `${view.type}: ${view.class}`,
    Why: view.reasons.join(' '),
    Queue: view.queue,
    Due: view.dueAt ?? 'no due time',
    Confidence: view.hasDraft ? `${Math.round(view.confidence * 100)} %` : 'there is no draft',
    'If approved':
      view.effects.length === 0
        ? 'the draft is delivered'
        : `the draft is delivered, and does: ${view.effects.join(', ')}`,
    Draft: `round ${view.round}, ${view.digest}`,
    Review: view.reviewId,
  };
  const facts = Object.entries(rows).map(([name, value]) => `<dt>${name}</dt><dd>${escapeHtml(value)}</dd>`);
  return pageOf({
    title: 'Decide on a review',
    body: `<main><h1>Decide on a review</h1>
<dl>${facts.join('')}</dl>
${view.isWaiting ? formOf(view, token) : '<p>This draft waits for nobody any more: it was decided on, or replaced by another.</p>'}</main>`,
  });
}

/** The draft is not on this page: whoever has the link would see it. */
function formOf({ reviewId, hasDraft, digest, isClaimMissing }: LinkView, token: string): string {
  const approve = `<p><label><input type="checkbox" name="read" value="yes" required> I have read draft ${digest.slice(0, 12)} with its context.</label></p>
<button name="action" value="approve">Approve</button>`;
  return `<p>The customer's words and the draft are not shown here. Read them in Countersign first:</p>
<p><code>npx countersign inbox show ${escapeHtml(reviewId)}</code></p>
${isClaimMissing ? claimFirst(reviewId) : ''}<form method="post" action="/reviews/${encodeURIComponent(reviewId)}/decide">
<input type="hidden" name="token" value="${escapeHtml(token)}">
${hasDraft ? approve : ''}
<button name="action" value="decline" formnovalidate>Decline</button>
</form>`;
}

function claimFirst(reviewId: string): string {
  return `<p>Only who holds this review decides on it, and you do not. Claim it in Countersign first; then this link decides:</p>
<p><code>npx countersign inbox claim ${escapeHtml(reviewId)}</code></p>
`;
}

export function decidedPage({ action, at, missing = 0, undoUntil }: DecisionRecord): string {
  const done = action === 'approve' ? 'You approved this draft' : 'You declined this task';
  const more =
    missing > 0 ? `<p>It needs ${missing === 1 ? 'one more person' : `${missing} more people`} to approve.</p>` : '';
  const undo =
    undoUntil === undefined ? '' : `<p>You can take it back in Countersign until ${escapeHtml(undoUntil)}.</p>`;
  return pageOf({
    title: done,
    body: `<main><h1>${done}</h1><p>At ${escapeHtml(at)}. You can close this page.</p>${more}${undo}</main>`,
  });
}

/** `members` of a refusal by the workflow name who came first. */
export function refusedPage(
  why: LinkRefusal | ErrorCode,
  members: Readonly<Record<string, unknown>>,
): { readonly status: number; readonly html: string } {
  const { status, title, detail } = saidOf(why);
  const { decidedByName, decidedAction, decidedAt, claimedByName, claimedUntil } = members;
  const facts = [
    decidedByName === undefined ? '' : `${String(decidedByName)}: ${String(decidedAction)}, at ${String(decidedAt)}.`,
    claimedByName === undefined ? '' : `${String(claimedByName)} holds it until ${String(claimedUntil)}.`,
  ].filter((fact) => fact !== '');
  const html = pageOf({
    title,
    body: `<main><h1>${escapeHtml(title)}</h1><p>${escapeHtml([detail, ...facts].join(' '))}</p>${isLinkRefusal(why) ? '<p>Nothing was changed.</p>' : ''}</main>`,
  });
  return { status, html };
}

function saidOf(why: LinkRefusal | ErrorCode): { status: number; title: string; detail: string } {
  if (isLinkRefusal(why)) {
    const { status, title, why: detail } = LINK_REFUSALS[why];
    return { status, title, detail };
  }
  return { status: HTTP_STATUS_OF_CODE[why], ...PROBLEM_SENTENCES[why] };
}

function isLinkRefusal(why: string): why is LinkRefusal {
  return why in LINK_REFUSALS;
}

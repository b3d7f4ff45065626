import { sha256Hex } from '../../contracts/digest';
import type { NotificationKind } from '../../contracts/notifications';
import type { Mail } from '../../platform/notify/email';
import type { NotificationRow } from '../../store/outbox';
import type { ReviewNotice } from './reviewNotice';
import { callWords, classWords, confidenceWords, dueWords } from './words';

export interface MailParts {
  readonly tenant: string;
  readonly row: Pick<NotificationRow, 'taskId' | 'eventKey' | 'recipient'>;
  readonly kind: Exclude<NotificationKind, 'changed'>;
  readonly notice: ReviewNotice;
  readonly to: { readonly name: string; readonly email: string; readonly locale: string | null };
  /** The page on which this member can decide. */
  readonly link: string;
  readonly linkDays: number;
  /** Of the sender, for the ids of mails. */
  readonly domain: string;
}

/** What a member is told of a review by e-mail. A mail passes through many hands: nothing of the customer is in it. */
export function mailOf(parts: MailParts): Mail {
  const { notice, kind, to, row, tenant, domain } = parts;
  const idOf = (...of: readonly string[]) => `<${sha256Hex(JSON.stringify([tenant, ...of])).slice(0, 32)}@${domain}>`;
  return {
    to: to.email,
    subject: `Review: ${classWords(notice)}, ${dueWords(notice, to.locale)}`,
    text: textOf(parts, callWords(kind, notice)),
    messageId: idOf(row.taskId, row.eventKey, row.recipient),
    threadId: idOf(row.taskId),
  };
}

function textOf({ notice, to, link, linkDays }: MailParts, call: string): string {
  const { reviewId, mainReason, queue, approvals, round, digest } = notice;
  const rows = Object.entries({
    About: classWords(notice),
    Why: mainReason,
    Queue: queue,
    Due: dueWords(notice, to.locale),
    Confidence: confidenceWords(notice),
    Approvals: approvals.needed > 1 ? `${approvals.given} of ${approvals.needed}` : null,
    Draft: `round ${round}, ${digest.slice(0, 12)}`,
    Review: reviewId,
  });
  const facts = rows.flatMap(([name, value]) => (value === null ? [] : [`${`${name}:`.padEnd(12)}${value}`]));
  return `Hello ${to.name},

a review needs a decision. ${call}

${facts.join('\n')}

Read it first, with everything that the decision needs:

  npx countersign inbox show ${reviewId}

Then decide there, or on this page, which is yours alone, works once and for ${linkDays} days:

  ${link}

Opening the page decides nothing. Please don't pass this mail on: whoever has the link can decide as you.
`;
}

import type { KnownBlock } from '@slack/web-api';
import { assertNever } from '../../contracts/words/assertNever';
import { APPROVE_ACTION, DECLINE_ACTION } from '../../platform/notify/linkTokens';
import type { SlackContent } from '../../platform/notify/slack';
import type { ActorNames } from '../../store/actorNames';
import type { ReviewNotice } from './reviewNotice';
import { classWords, confidenceWords, dueWords, timeWords } from './words';

/** What a conversation in Slack is shown of a review: buttons while it waits, how it ended once it does not. No text of a customer. */
export function slackMessage(
  notice: ReviewNotice,
  { nameOf, button }: { readonly nameOf: ActorNames; readonly button: string },
): SlackContent {
  const { ending } = notice;
  const heading = `Review: ${classWords(notice)}`;
  const standing = ending === null ? dueWords(notice, null) : endingWords(ending, nameOf);
  return {
    text: escaped(`${heading}, ${standing}`),
    blocks: [
      section(`*${escaped(heading)}*\n${escaped(ending === null ? notice.mainReason : standing)}`),
      fields(notice),
      ...(ending === null ? [buttons(notice, button), howToRead(notice)] : []),
    ],
  };
}

function endingWords({ what, by, at }: NonNullable<ReviewNotice['ending']>, nameOf: ActorNames): string {
  return [what, by === null ? '' : `by ${nameOf(by)}`, at === null ? '' : `on ${timeWords(at, null)}`]
    .filter((part) => part !== '')
    .join(' ');
}

function section(text: string): KnownBlock {
  return { type: 'section', text: { type: 'mrkdwn', text } };
}

function fields(notice: ReviewNotice): KnownBlock {
  const { queue, approvals, isOverdue, ending } = notice;
  const due = `${dueWords(notice, null)}${isOverdue && ending === null ? ' (overdue)' : ''}`;
  const said = {
    Queue: queue,
    Due: due,
    Confidence: confidenceWords(notice),
    ...(approvals.needed > 1 && { Approvals: `${approvals.given} of ${approvals.needed}` }),
  };
  const shown = Object.entries(said).map(([name, value]) => ({
    type: 'mrkdwn' as const,
    text: `*${name}*\n${escaped(value)}`,
  }));
  return { type: 'section', fields: shown };
}

/** Without a draft there is nothing to approve. Each button asks once more, since a slip of the thumb must not deliver. */
function buttons(notice: ReviewNotice, value: string): KnownBlock {
  const { hasDraft, digest } = notice;
  const named = digest.slice(0, 12);
  const both = [buttonOf('approve', { value, named }), buttonOf('decline', { value, named })];
  return { type: 'actions', elements: hasDraft ? both : both.slice(1) };
}

function buttonOf(action: 'approve' | 'decline', { value, named }: { value: string; named: string }) {
  const plain = (text: string) => ({ type: 'plain_text' as const, text });
  const shared = { type: 'button' as const, value };
  switch (action) {
    case 'approve':
      return {
        ...{ ...shared, action_id: APPROVE_ACTION, text: plain('Approve'), style: 'primary' as const },
        confirm: {
          title: plain('Approve this draft?'),
          text: plain(`You have read draft ${named}, and it is delivered as it is.`),
          ...{ confirm: plain('Approve'), deny: plain('Back') },
        },
      };
    case 'decline':
      return {
        ...{ ...shared, action_id: DECLINE_ACTION, text: plain('Decline'), style: 'danger' as const },
        confirm: {
          title: plain('Decline this task?'),
          text: plain('The task ends without an output.'),
          ...{ confirm: plain('Decline'), deny: plain('Back') },
        },
      };
    default:
      return assertNever(action);
  }
}

function howToRead({ reviewId, digest }: ReviewNotice): KnownBlock {
  const text = `Read it first: \`npx countersign inbox show ${reviewId}\` · draft ${digest.slice(0, 12)}`;
  return { type: 'context', elements: [{ type: 'mrkdwn', text }] };
}

/** Slack's three control characters. */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

import type { Json } from '../json';
import type { Call, Dialect } from '../outside';

const NOTICES: Readonly<Record<string, string>> = {
  approved: 'done',
  corrected: 'done',
  answered: 'done',
  declined: 'rejected',
  fell_back: 'fallback',
};

type Fields = Call['body'];

/** What this product's processes say to the outside: an OpenAI-compatible model, an integration, an effect, webhooks. */
export function dialectOf(changed: ReadonlySet<string>): Dialect {
  return {
    read: ({ path, body }) => {
      const fields = (body ?? {}) as Fields;
      const [, place = '', subject = ''] = path.split('/');
      if (path === '/v1/chat/completions') return { kind: 'draft', subject: subjectIn(fields), body: fields };
      if (place === 'check') return { kind: 'check', subject, body: {} };
      if (place === 'effect') return { kind: 'effect', subject: String(fields['subject']), body: fields };
      return place === 'webhook' ? { kind: 'notice', subject, body: { kind: noticeOf(fields) } } : null;
    },
    answerTo: ({ kind, subject }, drafts) => {
      if (kind === 'check') return { isOpen: !changed.has(subject) };
      return kind === 'draft' ? completion({ text: `proposal ${drafts} for ${subject}`, amount: 12.5 }) : {};
    },
  };
}

function subjectIn({ messages }: Fields): string {
  return /subject=([a-z]+)/.exec(JSON.stringify(messages))?.[1] ?? '';
}

function noticeOf({ type, data }: Fields): string {
  const { outcome } = (data ?? {}) as Fields;
  return type === 'task.completed' ? (NOTICES[String(outcome)] ?? String(outcome)) : String(type);
}

function completion(output: Json): Json {
  return {
    id: 'completion',
    object: 'chat.completion',
    created: 0,
    model: 'conformance',
    choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: JSON.stringify(output) } }],
    usage: { prompt_tokens: 100, completion_tokens: 20, total_tokens: 120 },
  };
}

import { z } from 'zod';
import type { Classification } from '../../contracts/words/task';
import { defineTask } from '../../tasks/define';

/** Small enough that a test reads at a glance what comes out: thanks may leave alone, everything else is reviewed. */
export const noteReply = defineTask({
  name: 'note-reply',
  version: 1,
  title: 'Reply to a note',
  description: 'Replies to a note, and sends the reply.',
  input: z.object({ message: z.string().min(1), tone: z.enum(['plain', 'warm']).optional() }),
  output: z.strictObject({ reply: z.string().min(1).max(2_000) }),
  textOf: ({ message }) => message,
  classes: { kind: 'rules', names: ['thanks', 'question'], classify: ({ message }) => classified(message) },
  draft: {
    routes: [{ provider: 'embedded' }],
    embedded: ({ class: { name }, guidance }) => ({
      output: { reply: guidance ?? `A reply to a ${name}.` },
      score: 0.95,
    }),
    prompt: () => [],
  },
  checks: [],
  effects: [
    {
      name: 'send',
      describe: ({ arguments: { text } }) => `Sends: ${String(text)}`,
      request: (_input, { reply }) => ({ text: reply }),
      perform: () => Promise.resolve('done'),
    },
  ],
  autonomy: { grants: [{ class: 'thanks', threshold: 0.5, auditRate: 0.01 }] },
  review: { queue: 'notes', leaseSeconds: 60 },
  requirements: { accuracy: 0.9, p95Seconds: 5, maxCostUsd: 0.01 },
});

/** Takes at most 2,000 bytes of input. */
export const smallNote = defineTask({ ...noteReply, name: 'small-note', maxInputBytes: 2_000 });

function classified(message: string): Classification {
  const name = message.startsWith('Thanks') ? 'thanks' : 'question';
  const other = name === 'thanks' ? 'question' : 'thanks';
  return {
    name,
    probability: 0.97,
    margin: 0.94,
    runnersUp: [{ name: other, probability: 0.03 }],
    strangeness: 0,
    classifier: 'rules',
    calibrator: 'none',
  };
}

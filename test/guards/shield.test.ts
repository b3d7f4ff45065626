import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { JsonValue } from '../../contracts/digest';
import { shield, unshield } from '../../guards/shield';

describe('known personal data before a prompt is made', () => {
  const material = {
    input: { message: 'I am jane@example.com, write to jane@example.com or to my bank GB82 WEST 1234 5698 7654 32.' },
    context: { crm: { email: 'jane@example.com', visits: 3, isNew: false } },
    guidance: null,
  };

  it('is a token, the same one wherever the datum stands', () => {
    const { value } = shield(material);
    const text = JSON.stringify(value);
    expect(text).not.toContain('jane@example.com');
    expect(text).not.toContain('5698');
    expect(text.match(/<EMAIL_1>/g)).toHaveLength(3);
    expect(value).toMatchObject({ context: { crm: { visits: 3, isNew: false } }, guidance: null });
  });

  it('is put back into an answer that speaks of it', () => {
    const { tokens } = shield(material);
    const answer = { reply: 'We have written to <EMAIL_1>, <EMAIL_9> is nobody.', lines: ['<IBAN_1>'] };
    expect(unshield(answer, tokens)).toEqual({
      reply: 'We have written to jane@example.com, <EMAIL_9> is nobody.',
      lines: ['GB82 WEST 1234 5698 7654 32'],
    });
  });

  it('with it everything else comes back as it was, whatever it is', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const read: JsonValue = JSON.parse(JSON.stringify(value));
        const shielded = shield(read);
        expect(unshield(shielded.value, shielded.tokens)).toEqual(read);
      }),
    );
  });

  it('is not guessed at where a text holds the separator', () => {
    expect(() => shield({ a: 'x\n\u241e\ny' })).toThrow('separator');
  });
});

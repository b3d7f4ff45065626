import { describe, expect, it } from '@jest/globals';
import { findPersonalData, mask, restore, tokenize } from '../../guards/personalData';
import type { PersonalDataOptions } from '../../guards/personalData';

function found(text: string, options: PersonalDataOptions = {}): string[] {
  return findPersonalData(text, options).map(({ kind, start, end }) => `${kind} ${text.slice(start, end)}`);
}

describe('personal data', () => {
  it.each([
    ['write to anna.smith+bank@mail.example.co.uk.', 'EMAIL anna.smith+bank@mail.example.co.uk'],
    ['(jörg@exämple.de)', 'EMAIL jörg@exämple.de'],
    ['my IBAN is GB82 WEST 1234 5698 7654 32, thanks', 'IBAN GB82 WEST 1234 5698 7654 32'],
    ['de89370400440532013000', 'IBAN de89370400440532013000'],
    ['card 4111 1111 1111 1111 expired', 'CARD 4111 1111 1111 1111'],
    ['card 4111111111111111', 'CARD 4111111111111111'],
    ['amex 3782-822463-10005', 'CARD 3782-822463-10005'],
    ['order 12345 5555 5555 5555 4444', 'CARD 5555 5555 5555 4444'],
    ['from 203.0.113.7.', 'IP 203.0.113.7'],
    ['from 2001:db8::ff00:42:8329', 'IP 2001:db8::ff00:42:8329'],
    ['call +49 30 901820 now', 'PHONE +49 30 901820'],
    ['call 0044 20 7946 0958', 'PHONE 0044 20 7946 0958'],
    ['call +49 30 000000, mistyped', 'PHONE +49 30 000000'],
    ['maestro 501864667909', 'CARD 501864667909'],
    ['call +44 20 7946 0958 12', 'PHONE +44 20 7946 0958'],
  ])('is found in "%s"', (text, expected) => {
    expect(found(text)).toEqual([expected]);
  });

  it.each([
    ['an IBAN with a wrong check digit', 'GB83 WEST 1234 5698 7654 32'],
    ['an IBAN of no country', 'ZZ82 WEST 1234 5698 7654 32'],
    ['a part of a longer code', 'XGB82WEST12345698765432'],
    ['a card with a wrong check digit', '4111 1111 1111 1112'],
    ['an order number that passes the check digit, of no issuer', '9999 9999 9999 9995'],
    ['a card in a longer number', '41111111111111110000'],
    ['a version of five parts', 'version 1.2.3.4.5'],
    ['numbers over 255', '300.1.2.3'],
    ['this machine', '127.0.0.1 and ::1'],
    ['a time of day', 'at 12:30:45'],
    ['a path in a program', 'std::string bad::cafe'],
    ['an order number', 'order 030 1234567'],
    ['an at sign', 'meet @ noon, a@b, @handle'],
    ['a number with a country code that no plan has', '+999 12345678'],
  ])('is not %s', (_, text) => {
    expect(found(text)).toEqual([]);
  });

  it('includes national phone numbers of the regions given', () => {
    expect(found('ring 030 901820 please', { phoneRegions: ['DE'] })).toEqual(['PHONE 030 901820']);
  });

  it('is no date and time, whatever the region', () => {
    expect(found('at 2006-04-07 09:30, on 1978-04-13 12', { phoneRegions: ['US', 'GB'] })).toEqual([]);
  });

  it('is found in the order of the text, without overlaps', () => {
    expect(found('+49 30 901820, a@b.com, 8.8.8.8')).toEqual(['PHONE +49 30 901820', 'EMAIL a@b.com', 'IP 8.8.8.8']);
  });
});

describe('tokens', () => {
  it('stand for the data, the same for the same', () => {
    const { text, tokens } = tokenize('a@b.com wrote to c@d.com, not a@b.com');
    expect(text).toBe('<EMAIL_1> wrote to <EMAIL_2>, not <EMAIL_1>');
    expect([...tokens]).toEqual([
      ['<EMAIL_1>', 'a@b.com'],
      ['<EMAIL_2>', 'c@d.com'],
    ]);
  });

  it('put the data back, also in another text', () => {
    const { tokens } = tokenize('a@b.com and +49 30 901820');
    expect(restore('We call <PHONE_1>, and write to <EMAIL_1>.', tokens)).toBe(
      'We call +49 30 901820, and write to a@b.com.',
    );
  });

  it('that a sender wrote into the text stand for nothing', () => {
    const { text, tokens } = tokenize('<EMAIL_1> is a@b.com');
    expect(text).toBe('<EMAIL_1> is <EMAIL_2>');
    expect(restore('<EMAIL_1> <EMAIL_2> <EMAIL_3>', tokens)).toBe('<EMAIL_1> a@b.com <EMAIL_3>');
  });
});

describe('a masked text', () => {
  it('says what kind of data stood there, and can not be restored', () => {
    expect(mask('I am a@b.com, card 4111 1111 1111 1111')).toBe('I am [EMAIL], card [CARD]');
  });

  it('hides what looks like a phone number rather than validate without end', () => {
    const many = Array.from({ length: 400 }, (_, index) => `+999 ${10_000_000 + index}`).join('\n');
    expect(mask(many)).toContain('[PHONE]');
  });
});

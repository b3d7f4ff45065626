import { describe, expect, it } from '@jest/globals';
import type { JsonValue } from '../../contracts/digest';
import { noForeignPersonalData } from '../../guards/foreignPersonalData';
import { grounded } from '../../guards/grounded';

const FACTS: JsonValue[] = [
  { balance: 1234.5, currency: 'EUR', fee: 12, card: 'ending 0042', bookedAt: '2026-11-24T09:05:00Z', zero: 0 },
  'Call us on +49 30 901820 or write to help@bank.example. See https://www.bank.example/cards.',
];

describe('a grounded reply', () => {
  it.each([
    'Your balance is 1,234.50 EUR and the fee is 12.',
    'Your balance is 1234.5.',
    'Ihr Stand ist 1.234,50 EUR.',
    'It was booked on 24 November 2026 at 9:05.',
    'It was booked on November 24th.',
    'It was booked on 24/11/2026.',
    'Your card ending 0042 is blocked.',
    'Call +49 (30) 901820, write to Help@Bank.example.',
    'See bank.example/cards, please.',
    '1. Open the app.\n2. Block the card.',
    'There is nothing to add.',
  ])('says only what is known: "%s"', (reply) => {
    expect(grounded({ reply, facts: FACTS })).toEqual({ passed: true, reason: null, evidence: {} });
  });

  it.each([
    ['number', 'Your balance is 1,235.50 EUR.'],
    ['number', 'The fee is 1200.'],
    ['number', 'Your card ending 42 is blocked.'],
    ['number', 'You get 10% back.'],
    ['date', 'It was booked on 25 November 2026.'],
    ['date', 'It was booked on 2025-11-24.'],
    ['time', 'It was booked at 10:05.'],
    ['email', 'Write to help@evil.example.'],
    ['url', 'See https://bank.example.evil.com/cards.'],
    ['url', 'See evil-bank.com for help.'],
    ['phone', 'Call +49 30 901821.'],
    ['phone', 'Call 0      5.'],
  ])('may not say an unknown %s: "%s"', (kind, reply) => {
    const { passed, reason, evidence } = grounded({ reply, facts: FACTS });
    expect({ passed, reason }).toEqual({ passed: false, reason: 'checks_failed' });
    expect(evidence['kinds']).toEqual([kind]);
  });

  it('is told where it went wrong, never what it said', () => {
    const reply = 'The fee is 777 and help is at x@evil.example.';
    const { evidence } = grounded({ reply, facts: FACTS });
    expect(evidence).toEqual({ kinds: ['number', 'email'], starts: [11, 30], ends: [14, 44] });
    expect(JSON.stringify(evidence)).not.toMatch(/777|evil/);
  });

  it('fails unread when it is as long as a book', () => {
    expect(grounded({ reply: 'x'.repeat(20_001), facts: [] }).passed).toBe(false);
  });
});

describe('personal data in a reply', () => {
  const own: JsonValue[] = [
    { customer: { email: 'anna@example.com', phone: '030 901820', iban: 'DE89370400440532013000' } },
    'Call +44 20 7946 0958.',
  ];
  const check = (reply: string) => noForeignPersonalData({ reply, own });

  it.each([
    'We wrote to Anna@example.com.',
    'We pay to DE89 3704 0044 0532 0130 00.',
    'We call you on +49 30 901820.',
    'Our number is 0044 20 7946 0958.',
    'Nothing personal here, order 12345.',
  ])('may be the own: "%s"', (reply) => {
    expect(check(reply)).toEqual({ passed: true, reason: null, evidence: {} });
  });

  it.each([
    ['EMAIL', 'We wrote to a@example.com.'],
    ['EMAIL', 'We wrote to bob@example.com.'],
    ['IBAN', 'We pay to GB82 WEST 1234 5698 7654 32.'],
    ['CARD', 'Your card 4111 1111 1111 1111.'],
    ['PHONE', 'We call +49 30 901821.'],
    ['IP', 'You signed in from 203.0.113.7.'],
  ])('may not be of someone else: %s in "%s"', (kind, reply) => {
    expect(check(reply)).toMatchObject({ passed: false, reason: 'personal_data_at_risk', evidence: { kinds: [kind] } });
  });
});

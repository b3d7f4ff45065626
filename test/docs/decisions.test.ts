import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { read, relativeLinks, ROOT } from './markdown';

const FOLDER = join('docs', 'adr');
const records = readdirSync(join(ROOT, FOLDER))
  .filter((name) => /^\d{4}-[a-z0-9-]+\.md$/.test(name))
  .sort();

describe('the recorded decisions', () => {
  test('are numbered from 1 without a gap, and listed in this order', () => {
    expect(records.map((name) => Number(name.slice(0, 4)))).toEqual(records.map((_, index) => index + 1));
    expect(relativeLinks(read(join(FOLDER, 'README.md')))).toEqual(records);
  });

  test.each(records)('%s has its number, status, date, context, decision and consequences', (name) => {
    const text = read(join(FOLDER, name));
    expect(text).toMatch(new RegExp(`^# ${Number(name.slice(0, 4))}\\. \\S`));
    expect(text).toMatch(/^- Status: (accepted|superseded by \[.+\]\(.+\))$/m);
    expect(text).toMatch(/^- Date: \d{4}-\d{2}-\d{2}$/m);
    expect([...text.matchAll(/^## (.+)$/gm)].map((match) => match[1])).toEqual(['Context', 'Decision', 'Consequences']);
  });
});

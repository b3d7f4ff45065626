import { describe, expect, test } from '@jest/globals';
import { operations } from '../../contracts/http/document';
import { HTTP_STATUS_OF_CODE } from '../../contracts/words/errorCodes';
import { read, section, tableRows, wordOf } from './markdown';

const tour = read('docs/http.md');

describe('the tour of the HTTP interface', () => {
  test('lists every call, with the scope that it needs', () => {
    const listed = tableRows(section(tour, 'Calls')).map(
      ([call, scope]) => `${wordOf(call)} ${wordOf(scope) || scope}`,
    );
    const scopes: Readonly<Record<string, string>> = { public: 'none', authenticated: 'any key' };
    const defined = operations.map(
      ({ method, path, access }) => `${method.toUpperCase()} ${path} ${scopes[access] ?? access}`,
    );
    expect(listed.toSorted()).toEqual(defined.toSorted());
  });

  test('lists every code of a problem, with its status', () => {
    const listed = tableRows(section(tour, 'Problems')).map(([code, status]) => [wordOf(code), Number(status)]);
    expect(Object.fromEntries(listed)).toEqual(HTTP_STATUS_OF_CODE);
  });
});

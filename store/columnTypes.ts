import { types } from 'pg';

/**
 * How columns arrive: times as RFC 3339 in UTC with milliseconds (the words of the contracts), numbers of counts as numbers, the
 * rest as node-postgres does it.
 */
export const COLUMN_TYPES = {
  getTypeParser(oid: number, format?: 'text' | 'binary'): (value: string) => unknown {
    if (oid === types.builtins.TIMESTAMPTZ) return (value) => new Date(value).toISOString();
    if (oid === types.builtins.INT8) return Number;
    return types.getTypeParser(oid, format) as (value: string) => unknown;
  },
};

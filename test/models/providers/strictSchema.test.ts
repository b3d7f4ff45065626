import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { valueOf } from '../../../fakes/openaiAnswer';
import type { JsonObject } from '../../../contracts/digest';
import { strictSchema, StrictSchemaError } from '../../../models/strictSchema';

const jsonSchemaOf = (schema: z.ZodType) => z.toJSONSchema(schema) as unknown as JsonObject;

describe('a strict schema', () => {
  it('closes every object, requires every property, and leaves out limits that providers refuse', () => {
    const schema = z.object({
      intent: z.enum(['a', 'b']),
      reply: z.string().min(1).max(2_000),
      due: z.iso.date().nullable(),
      lines: z.array(z.looseObject({ net: z.number().min(0) })).max(10),
    });
    expect(strictSchema(jsonSchemaOf(schema))).toEqual({
      type: 'object',
      properties: {
        intent: { type: 'string', enum: ['a', 'b'] },
        reply: { type: 'string' },
        due: { anyOf: [{ type: 'string', format: 'date' }, { type: 'null' }] },
        lines: {
          type: 'array',
          maxItems: 10,
          items: {
            type: 'object',
            properties: { net: { type: 'number', minimum: 0 } },
            required: ['net'],
            additionalProperties: false,
          },
        },
      },
      required: ['intent', 'reply', 'due', 'lines'],
      additionalProperties: false,
    });
  });

  it('turns a choice of one into a choice of any', () => {
    const choice = z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('x') }),
      z.object({ kind: z.literal('y') }),
    ]);
    const { properties } = strictSchema(jsonSchemaOf(z.object({ choice })));
    expect(properties).toMatchObject({
      choice: { anyOf: [{ additionalProperties: false }, { additionalProperties: false }] },
    });
  });

  it.each([
    ['an optional property', z.object({ a: z.object({ b: z.string().optional() }) }), /\$\.a\.b is optional.*nullable/],
    ['a map', z.object({ a: z.record(z.string(), z.number()) }), /\$\.a is a map/],
    ['a tuple', z.object({ a: z.tuple([z.string(), z.number()]) }), /\$\.a uses prefixItems/],
    ['anything', z.object({ a: z.unknown().nonoptional() }), /\$\.a/],
    ['a list at the root', z.array(z.string()), /object at its root/],
  ])('refuses %s, naming the place and the cure', (_, schema, message) => {
    const make = () => strictSchema(jsonSchemaOf(schema));
    expect(make).toThrow(StrictSchemaError);
    expect(make).toThrow(message);
  });

  it('refuses an intersection', () => {
    const both = { allOf: [{ type: 'object' }, { type: 'object' }] };
    const schema = { type: 'object', properties: { a: both }, required: ['a'] };
    expect(() => strictSchema(schema)).toThrow(/\$\.a uses allOf.*one object/);
  });

  it('can be answered: what the fake makes of it follows the original', () => {
    const schema = z.object({
      when: z.iso.date(),
      many: z.array(z.boolean()).min(2),
      one: z.literal('x'),
      count: z.int().min(3),
      maybe: z.email().nullable(),
    });
    expect(schema.safeParse(valueOf(strictSchema(jsonSchemaOf(schema)))).error).toBeUndefined();
  });
});

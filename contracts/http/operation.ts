import type { z } from 'zod';
import type { ErrorCode } from '../words/errorCodes';
import type { Scope } from '../words/vocabulary';

/** Who may call: anyone, anyone who is known, or who holds the scope. */
export type Access = 'public' | 'authenticated' | Scope;

export interface AnswerDefinition {
  readonly description: string;
  /** Of the JSON body; absent where the answer has none. */
  readonly schema?: z.ZodType;
  /** Default application/json. Of a stream of events, `schema` is what the data of each is. */
  readonly mediaType?: 'text/event-stream';
  readonly headers?: z.ZodObject;
}

/** One call of the interface: what validates it, who may make it, and what it answers. The OpenAPI document is made of these. */
export interface Operation {
  readonly id: string;
  readonly method: 'get' | 'post' | 'patch' | 'delete';
  /** With parameters in braces, as OpenAPI writes them. */
  readonly path: string;
  readonly access: Access;
  readonly tag: 'tasks' | 'reviews' | 'task types' | 'administration' | 'health';
  readonly summary: string;
  readonly description?: string;
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly headers?: z.ZodObject;
  readonly body?: z.ZodType;
  /** By status, without the problems. */
  readonly answers: Readonly<Record<number, AnswerDefinition>>;
  /** Codes of the problems that are particular to this call. */
  readonly refusals: readonly ErrorCode[];
  /** Of the problems, beside those of all. */
  readonly problemHeaders?: z.ZodObject;
}

/** Keeps the types of one operation. */
export function defineOperation<const O extends Operation>(operation: O): O {
  return operation;
}

type Immutable<T> = T extends readonly (infer E)[]
  ? readonly Immutable<E>[]
  : T extends object
    ? { readonly [K in keyof T]: Immutable<T[K]> }
    : T;

type OutputOf<S> = S extends z.ZodType ? z.output<S> : undefined;

/** What a schema's JSON looks like to the one who makes it. */
export type AnswerOf<S extends z.ZodType> = Immutable<z.input<S>>;

/** The validated parts of one request. */
export interface RequestOf<O extends Operation> {
  readonly params: OutputOf<O['params']>;
  readonly query: OutputOf<O['query']>;
  readonly headers: OutputOf<O['headers']>;
  readonly body: OutputOf<O['body']>;
}

type BodyOf<A> = A extends { readonly schema: infer S extends z.ZodType }
  ? { readonly body: AnswerOf<S> }
  : { readonly body?: never };

/** An answer that the operation declares. */
export type ReplyOf<O extends Operation> = {
  [S in keyof O['answers'] & number]: {
    readonly status: S;
    readonly headers?: Readonly<Record<string, string>>;
  } & BodyOf<O['answers'][S]>;
}[keyof O['answers'] & number];

import { SCOPES, type Scope } from './vocabulary';

/** What a member of an installation is. A member may have several roles. */
export const ROLES = ['submitter', 'reviewer', 'approver', 'lead', 'owner', 'operator', 'auditor', 'admin'] as const;
export type Role = (typeof ROLES)[number];

/** What each role may do. The one table that says so, for keys and sessions alike. */
export const SCOPES_OF_ROLE: Readonly<Record<Role, readonly Scope[]>> = {
  submitter: ['tasks:write', 'tasks:read'],
  reviewer: ['reviews:read', 'reviews:decide', 'tasks:read'],
  approver: ['reviews:read', 'reviews:decide', 'reviews:approve', 'tasks:read'],
  lead: ['reviews:read', 'reviews:decide', 'reviews:lead', 'personal_data:read', 'tasks:read'],
  owner: ['reviews:read', 'tasks:read'],
  operator: ['tasks:read', 'tasks:write', 'reviews:read'],
  auditor: ['tasks:read', 'reviews:read'],
  admin: ['admin'],
};

/** What someone with these roles may do, in the order of the closed list. */
export function scopesOfRoles(roles: readonly Role[]): readonly Scope[] {
  return SCOPES.filter((scope) => roles.some((role) => SCOPES_OF_ROLE[role].includes(scope)));
}

/** Roles that can be asked of whoever decides, each with the scope that shows it. */
export const DECIDING_ROLES = {
  reviewer: 'reviews:decide',
  approver: 'reviews:approve',
  lead: 'reviews:lead',
} as const satisfies Partial<Record<Role, Scope>>;
export type DecidingRole = keyof typeof DECIDING_ROLES;

/** Which of these roles the scopes show. */
export function decidingRolesOf(scopes: readonly Scope[]): readonly DecidingRole[] {
  return (Object.keys(DECIDING_ROLES) as DecidingRole[]).filter((role) => scopes.includes(DECIDING_ROLES[role]));
}

/*
 * A runner may have a role of its own in Postgres, which sees and writes the rows of its own machines and no other: a runner in wrong hands reads
 * no other task, and orders nothing. The owner of the tables, the coordinator, is not held to these policies.
 */

const OWN = '(select name from SCHEMA.machines where role = current_user)';

const policy = (table: string, verb: 'all' | 'select' | 'insert' | 'update', condition: string): string => {
  const using = verb === 'insert' ? '' : ` using (${condition})`;
  const check = verb === 'select' ? '' : ` with check (${condition})`;
  return `drop policy if exists own_${verb} on SCHEMA.${table}; create policy own_${verb} on SCHEMA.${table} for ${verb}${using}${check};`;
};

/** Run by the owner, after the tables. Every statement may be repeated. */
export const POLICIES = `
alter table SCHEMA.machines add column if not exists role text not null default current_user;
alter table SCHEMA.packs add column if not exists machine text;
${['machines', 'leases', 'calls', 'answers', 'packs', 'forgotten'].map((table) => `alter table SCHEMA.${table} enable row level security;`).join('\n')}
${policy('machines', 'all', 'role = current_user')}
${policy('leases', 'select', `machine in ${OWN}`)}
${policy('leases', 'insert', `machine in ${OWN}`)}
${policy('calls', 'select', `machine in ${OWN}`)}
${policy('answers', 'select', `call in (select id from SCHEMA.calls where machine in ${OWN})`)}
${policy('answers', 'insert', `call in (select id from SCHEMA.calls where machine in ${OWN})`)}
${policy('packs', 'select', `machine in ${OWN}`)}
${policy('packs', 'insert', `machine in ${OWN}`)}
${policy('forgotten', 'select', `machine in ${OWN}`)}
${policy('forgotten', 'update', `machine in ${OWN}`)}`;

/** What gives a role of Postgres all that a runner needs, and no more. Of the queue it sees names of runs and tasks. */
export function rightsOfRunner(schema: string, role: string): string {
  const name = `"${role.replaceAll('"', '""')}"`;
  return `
grant usage on schema ${schema}, ${schema}_queue to ${name};
grant select on ${['fleet', 'labelled', 'machines', 'leases', 'calls', 'answers', 'packs', 'forgotten'].map((table) => `${schema}.${table}`).join(', ')} to ${name};
grant insert, update on ${schema}.machines to ${name};
grant insert on ${schema}.leases, ${schema}.answers, ${schema}.packs to ${name};
grant update on ${schema}.forgotten to ${name};
grant select, update on all tables in schema ${schema}_queue to ${name};
alter default privileges in schema ${schema}_queue grant select, update on tables to ${name};`;
}

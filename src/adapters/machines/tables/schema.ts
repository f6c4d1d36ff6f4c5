/** Raised with each change of the tables or calls that a runner of the version before does not understand. */
export const PROTOCOL = 2;

/** A coordinator and a runner of neighbouring versions work together: one is upgraded after the other. */
export const understand = (one: number, other: number): boolean => Math.abs(one - other) <= 1;

/** `SCHEMA` stands for the schema's name. Every statement may be repeated. */
export const SCHEMA = `
create schema if not exists SCHEMA;
create table if not exists SCHEMA.fleet (
  id int primary key check (id = 1), settings jsonb not null, version text not null, at timestamptz not null default now());
create table if not exists SCHEMA.machines (
  name text primary key, boot text not null, version text not null, protocol int not null, slots int not null,
  load real not null default 0, free_disk bigint not null default 0, free_memory bigint not null default 0,
  draining boolean not null default false, seen timestamptz not null default now());
create table if not exists SCHEMA.leases (
  run text primary key, task text not null, machine text not null, at timestamptz not null default now());
create table if not exists SCHEMA.calls (
  id bigint generated always as identity primary key, machine text not null, body jsonb not null, at timestamptz not null default now());
create index if not exists calls_of_machine on SCHEMA.calls (machine, id);
create table if not exists SCHEMA.answers (
  call bigint primary key, body jsonb not null, at timestamptz not null default now());
create table if not exists SCHEMA.packs (
  id bigint generated always as identity primary key, refs jsonb not null, bytes bytea, at timestamptz not null default now());
alter table SCHEMA.machines add column if not exists ahead_ms float8;
alter table SCHEMA.machines add column if not exists forgotten timestamptz;
alter table SCHEMA.fleet add column if not exists protocol int not null default 1;
alter table SCHEMA.machines add column if not exists labels text[] not null default '{}';
alter table SCHEMA.machines add column if not exists broken text;
create table if not exists SCHEMA.lead (
  id int primary key check (id = 1), holder text not null, words text not null, generation bigint not null default 1,
  seen timestamptz not null default now());
alter table SCHEMA.lead add column if not exists owner text;
create table if not exists SCHEMA.store_rows (
  kind text collate "C", key text collate "C", body text not null, primary key (kind, key));
create table if not exists SCHEMA.store_copy (
  id int primary key check (id = 1), generation bigint not null, version int not null, repository text, words text not null,
  whole boolean not null, at timestamptz not null default now());
alter table SCHEMA.store_copy add column if not exists ahead_ms float8;
create table if not exists SCHEMA.standbys (holder text primary key, words text not null, seen timestamptz not null default now());
create table if not exists SCHEMA.labelled (queue text primary key, labels text[] not null);
create table if not exists SCHEMA.forgotten (
  run text, machine text, task text not null, parcel bigint, over boolean not null default false, at timestamptz not null default now(),
  primary key (run, machine))`;

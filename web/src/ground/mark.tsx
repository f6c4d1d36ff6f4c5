import type { JSX } from 'preact';

/** `active` with a process, `idle` without. */
export type Shape = 'blocked' | 'failed' | 'active' | 'idle' | 'pending' | 'review' | 'completed';

const SAID: Readonly<Record<Shape, string>> = {
  blocked: 'needs you',
  failed: 'failed',
  active: 'at work, its process lives',
  idle: 'in hand, without a process',
  pending: 'waits',
  review: 'in review',
  completed: 'done',
};

/** A state by shape: no two are told apart by their colour alone. */
const DRAWN: Readonly<Record<Shape, () => JSX.Element>> = {
  blocked: () => (
    <>
      <path d="M8 1.2 14.8 8 8 14.8 1.2 8Z" />
      <path d="M8 4.8v3.6M8 11v.01" />
    </>
  ),
  failed: () => (
    <>
      <path d="M5.3 1.5h5.4l3.8 3.8v5.4l-3.8 3.8H5.3l-3.8-3.8V5.3Z" />
      <path d="m5.7 5.7 4.6 4.6m0-4.6-4.6 4.6" />
    </>
  ),
  active: () => (
    <>
      <circle class="beat" cx="8" cy="8" r="7" />
      <circle class="full" cx="8" cy="8" r="4" />
    </>
  ),
  idle: () => <circle cx="8" cy="8" r="4" stroke-dasharray="2.6 2.4" />,
  pending: () => (
    <>
      <circle cx="8" cy="8" r="6.5" />
      <path d="M8 4.5V8l2.4 1.6" />
    </>
  ),
  review: () => (
    <>
      <path d="M1.2 8S3.6 3.5 8 3.5 14.8 8 14.8 8 12.4 12.5 8 12.5 1.2 8 1.2 8Z" />
      <circle class="full" cx="8" cy="8" r="2" />
    </>
  ),
  completed: () => (
    <>
      <rect x="1.5" y="1.5" width="13" height="13" rx="3" />
      <path d="m4.8 8.3 2.2 2.2 4.3-4.8" />
    </>
  ),
};

export function Mark({ shape, said = SAID[shape] }: { readonly shape: Shape; readonly said?: string }) {
  const Drawn = DRAWN[shape];
  return (
    <svg class="mark" data-state={shape} viewBox="0 0 16 16" role="img" aria-label={said}>
      <title>{said}</title>
      <Drawn />
    </svg>
  );
}

import { useState } from 'preact/hooks';
import type { Step } from '../../link/contract.ts';

/** The pictures of a result. The daemon has told their kind and size by their bytes, so that nothing moves when they come. */
export function Pictures({ step, task, run }: { readonly step: Step; readonly task: string; readonly run: string | null }) {
  return step.pictures.map((picture, index) => (
    <Picture key={index} picture={picture} address={addressOf(step, task, run, index)} nth={index + 1} />
  ));
}

function addressOf({ offset }: Step, task: string, run: string | null, index: number): string {
  const query = new URLSearchParams({ offset: String(offset), index: String(index), ...(run === null ? {} : { run }) });
  return `/api/v1/tasks/${encodeURIComponent(task)}/transcript/picture?${query}`;
}

function Picture({
  picture,
  address,
  nth,
}: {
  readonly picture: Step['pictures'][number];
  readonly address: string;
  readonly nth: number;
}) {
  const [failed, setFailed] = useState(false);
  if (picture === null || failed)
    return <p class="cut">A picture that is not shown: it is too large, cut, or of a kind that browsers are not given here.</p>;
  const { width, height } = picture;
  return (
    <a class="picture" href={address} target="_blank" rel="noreferrer">
      <img
        src={address}
        width={width}
        height={height}
        loading="lazy"
        alt={`${nth}: ${width} × ${height} points`}
        onError={() => setFailed(true)}
      />
    </a>
  );
}

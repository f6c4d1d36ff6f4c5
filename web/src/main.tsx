import { render } from 'preact';
import './style/tokens.css';
import './style/base.css';
import './style/fleet.css';
import './style/task.css';
import './style/act.css';
import './style/charts.css';
import './style/search.css';
import './style/board.css';
import { tell } from './act/notices.ts';
import { takeKey } from './link/ask.ts';
import { follow } from './link/fleet.ts';
import { Page } from './page.tsx';

const place = document.getElementById('page');
if (place !== null) {
  takeKey();
  place.replaceChildren();
  render(<Page />, place);
  follow();
  tell();
}

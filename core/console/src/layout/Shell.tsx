import { useEffect, useRef } from 'react';
import { Outlet, ScrollRestoration, useLocation, useNavigation } from 'react-router';
import { EngineBanner } from './EngineBanner.tsx';
import classes from './Shell.module.css';
import { TopBar } from './TopBar.tsx';

/** What surrounds every page. Moves the keyboard focus to the page when the address leads to another one. */
export function Shell() {
  const { pathname } = useLocation();
  const navigation = useNavigation();
  const main = useRef<HTMLElement>(null);
  const page = pathname.split('/').slice(0, 5).join('/');
  const shown = useRef(page);
  useEffect(() => {
    if (shown.current === page) return;
    shown.current = page;
    main.current?.focus({ preventScroll: true });
  }, [page]);
  return (
    <>
      <a href="#main" className={classes.skip}>
        Skip to the content
      </a>
      <div className={classes.progress} data-active={navigation.state !== 'idle'} aria-hidden="true" />
      <TopBar />
      <EngineBanner />
      <main id="main" ref={main} tabIndex={-1} className={classes.main}>
        <Outlet />
      </main>
      <ScrollRestoration />
    </>
  );
}

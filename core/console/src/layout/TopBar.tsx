import { Button } from '@mantine/core';
import { Link, NavLink, useLocation } from 'react-router';
import { useMe } from '../api/use-api.ts';
import { InboxBell } from '../inbox/InboxBell.tsx';
import { AccountMenu } from './AccountMenu.tsx';
import { Logo } from './Logo.tsx';
import { ScopeSwitcher } from './ScopeSwitcher.tsx';
import { ThemeSwitch } from './ThemeSwitch.tsx';
import classes from './TopBar.module.css';

/** The bar at the top of every page: where one is, and who one is. */
export function TopBar() {
  const me = useMe();
  const { pathname, search } = useLocation();
  const entrance = pathname === '/sign-in' || pathname === '/setup' || pathname.startsWith('/invitations');
  return (
    <header className={classes.bar}>
      <div className={classes.inner}>
        <Link to="/" className={classes.brand} aria-label="Catalyst, to the start">
          <Logo size={28} />
          <span className={me ? classes.wordSignedIn : classes.word}>Catalyst</span>
        </Link>
        {me && <span className={classes.divider} aria-hidden="true" />}
        {me && <ScopeSwitcher />}
        <div className={classes.spring} />
        {!entrance && (
          <nav aria-label="Main" className={me ? classes.navSignedIn : classes.nav}>
            <NavLink to="/marketplace" className={classes.link ?? ''}>
              Marketplace
            </NavLink>
            {me && (
              <NavLink to="/organizations" className={classes.link ?? ''}>
                Organizations
              </NavLink>
            )}
          </nav>
        )}
        {me && <InboxBell />}
        <ThemeSwitch />
        {me && <AccountMenu me={me} />}
        {me === null && !entrance && (
          <Button
            component={Link}
            to={`/sign-in?returnTo=${encodeURIComponent(pathname === '/' ? '/organizations' : `${pathname}${search}`)}`}
            size="xs"
          >
            Sign in
          </Button>
        )}
      </div>
    </header>
  );
}

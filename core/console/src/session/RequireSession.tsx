import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { Navigate, Outlet, useLocation } from 'react-router';
import { queries } from '../api/use-api.ts';
import { Failure } from '../feedback/Failure.tsx';
import { PageSkeleton } from '../feedback/PageSkeleton.tsx';

/** Lets signed-in people through; others are asked to sign in and come back to the same page. */
export function RequireSession() {
  const { data: me, error, refetch } = useQuery(queries.me);
  const location = useLocation();
  const hadSession = useRef(false);
  useEffect(() => {
    if (me) hadSession.current = true;
  }, [me]);
  if (me) return <Outlet />;
  if (me === null) {
    const query = new URLSearchParams({ returnTo: `${location.pathname}${location.search}` });
    if (hadSession.current) query.set('ended', '1');
    return <Navigate to={`/sign-in?${query.toString()}`} replace />;
  }
  return error ? <Failure error={error} retry={() => void refetch()} /> : <PageSkeleton />;
}

import { useQuery } from '@tanstack/react-query';
import { Navigate } from 'react-router';
import { queries } from '../api/use-api.ts';
import { PageSkeleton } from '../feedback/PageSkeleton.tsx';

/** `/`: one's Organizations for who is signed in, the marketplace for everybody else. */
export function HomePage() {
  const { data: me, isPending } = useQuery(queries.me);
  if (isPending) return <PageSkeleton />;
  return <Navigate to={me ? '/organizations' : '/marketplace'} replace />;
}

/** The mark of Catalyst: an open cell with what sets it off inside. */
export function Logo({ size = 28 }: { size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 32 32"
      role="img"
      aria-label="Catalyst"
      style={{ display: 'block', flex: 'none' }}
    >
      <rect width="32" height="32" rx="8" fill="var(--logo-ground)" />
      <path
        d="M21.6 11.1 16 7.9 9 11.95v8.1l7 4.05 5.6-3.2"
        fill="none"
        stroke="var(--logo-line)"
        strokeWidth="2.6"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
      <circle cx="16" cy="16" r="3.1" fill="#7f93ff" />
    </svg>
  );
}

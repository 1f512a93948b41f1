import {
  type CSSVariablesResolver,
  createTheme,
  defaultVariantColorsResolver,
  type MantineColorsTuple,
  type VariantColorsResolver,
} from '@mantine/core';
import type { KeyboardEvent } from 'react';

const ink: MantineColorsTuple = [
  '#f6f7f9',
  '#e9ecf1',
  '#dce0e8',
  '#c3c9d4',
  '#9aa3b2',
  '#6f7a8c',
  '#525d6f',
  '#3b4556',
  '#1f2836',
  '#131a26',
];

const accent: MantineColorsTuple = [
  '#eef1ff',
  '#dbe1ff',
  '#bcc7ff',
  '#99a9ff',
  '#7c90fb',
  '#5f74f0',
  '#4a5fe3',
  '#3a4dd0',
  '#2f40b3',
  '#263492',
];

const dark: MantineColorsTuple = [
  '#e4e8ee',
  '#bcc4cf',
  '#98a2b1',
  '#6d7889',
  '#333c49',
  '#262e39',
  '#1e252f',
  '#171d25',
  '#11161d',
  '#0b0f14',
];

// Ink turns from dark on light to light on dark, so what stands on it must turn as well.
const variantColors: VariantColorsResolver = (input) => {
  const colors = defaultVariantColorsResolver(input);
  if (input.variant === 'filled' && (input.color === undefined || input.color === 'ink'))
    return { ...colors, background: 'var(--ink)', hover: 'var(--ink-hover)', color: 'var(--on-ink)' };
  return colors;
};

/** The tints that states have everywhere else; the library's own do not reach 4.5:1. */
function alertColors(color: unknown): Record<string, string> {
  const tone = { red: 'red', yellow: 'amber', green: 'green', blue: 'blue' }[String(color)];
  return tone ? { '--alert-bg': `var(--${tone}-tint)`, '--alert-color': `var(--${tone})` } : {};
}

function focusFirstOrLastItem(event: KeyboardEvent<HTMLElement>): void {
  if ((event.key !== 'Home' && event.key !== 'End') || event.defaultPrevented) return;
  const items = event.currentTarget.querySelectorAll<HTMLElement>('[data-menu-item]:not([data-disabled])');
  (event.key === 'Home' ? items[0] : items[items.length - 1])?.focus();
  event.preventDefault();
}

/** The look of the console: ink on paper, one accent, colour otherwise only where it says a state. */
export const theme = createTheme({
  colors: { ink, accent, dark },
  primaryColor: 'ink',
  primaryShade: { light: 8, dark: 1 },
  variantColorResolver: variantColors,
  defaultRadius: 'md',
  radius: { xs: '3px', sm: '5px', md: '8px', lg: '12px', xl: '18px' },
  fontFamily:
    'Inter, ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif',
  fontFamilyMonospace: 'ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace',
  headings: {
    fontWeight: '620',
    sizes: {
      h1: { fontSize: '1.625rem', lineHeight: '1.25' },
      h2: { fontSize: '1.125rem', lineHeight: '1.35' },
      h3: { fontSize: '1rem', lineHeight: '1.4' },
    },
  },
  focusRing: 'auto',
  cursorType: 'pointer',
  components: {
    // Unless a colour is asked for, what is chosen shows in one that carries a white mark in both schemes.
    Checkbox: {
      vars: (_theme: unknown, props: { color?: unknown }) => ({
        root:
          props.color === undefined
            ? { '--checkbox-color': 'var(--choice)', '--checkbox-icon-color': '#fff' }
            : {},
      }),
    },
    Radio: { vars: () => ({ root: { '--radio-color': 'var(--choice)', '--radio-icon-color': '#fff' } }) },
    Switch: { vars: () => ({ root: { '--switch-color': 'var(--choice)' } }) },
    Alert: { vars: (_theme: unknown, props: { color?: unknown }) => ({ root: alertColors(props.color) }) },
    Anchor: { defaultProps: { underline: 'hover' } },
    Paper: { defaultProps: { withBorder: true } },
    Modal: {
      defaultProps: {
        centered: true,
        overlayProps: { backgroundOpacity: 0.45, blur: 2 },
        transitionProps: { duration: 120 },
      },
      styles: { title: { fontWeight: 620, fontSize: '1.125rem' } },
    },
    Tooltip: {
      defaultProps: { openDelay: 300, withArrow: true, events: { hover: true, focus: true, touch: true } },
    },
    // Its items know Home and End; an opened menu of which none has the focus yet did not.
    MenuDropdown: { defaultProps: { onKeyDown: focusFirstOrLastItem } },
    Loader: { defaultProps: { type: 'dots', color: 'gray' } },
  },
});

/** Surfaces, text and states in both schemes; every text pair reaches 4.5:1. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-anchor': '#3a4dd0',
    '--mantine-color-dimmed': '#5a6475',
    '--mantine-color-placeholder': '#6b7585',
    '--mantine-color-error': '#b42318',
    '--mantine-color-default-border': '#d9dee6',
    '--mantine-primary-color-contrast': '#ffffff',
    '--ink': '#1f2836',
    '--ink-hover': '#131a26',
    '--on-ink': '#ffffff',
    '--choice': '#1f2836',
    '--canvas': '#f5f6f8',
    '--surface': '#ffffff',
    '--surface-sunken': '#f3f5f8',
    '--line': '#e1e5eb',
    '--accent': '#3a4dd0',
    '--accent-tint': '#eef1ff',
    '--shadow-card': '0 1px 2px rgb(19 26 38 / 5%), 0 1px 1px rgb(19 26 38 / 3%)',
    '--shadow-raised': '0 6px 20px rgb(19 26 38 / 9%)',
    '--green': '#0d6b3c',
    '--green-tint': '#e4f5eb',
    '--blue': '#1b4eb5',
    '--blue-tint': '#e6eefc',
    '--amber': '#854a00',
    '--amber-tint': '#fdf1dc',
    '--red': '#b42318',
    '--red-tint': '#fdecea',
    '--grey': '#4a5464',
    '--grey-tint': '#eceff3',
    '--purple': '#6532c4',
    '--purple-tint': '#f1eafd',
  },
  dark: {
    '--mantine-color-anchor': '#a3b3ff',
    '--mantine-color-dimmed': '#98a2b1',
    '--mantine-color-placeholder': '#8490a1',
    '--mantine-color-error': '#ff9a90',
    '--mantine-color-default-border': '#333c49',
    '--mantine-primary-color-contrast': '#131a26',
    '--ink': '#e9ecf1',
    '--ink-hover': '#ffffff',
    '--on-ink': '#131a26',
    '--choice': '#5f74f0',
    '--canvas': '#0f1319',
    '--surface': '#171d25',
    '--surface-sunken': '#11161d',
    '--line': '#29313c',
    '--accent': '#a3b3ff',
    '--accent-tint': '#1f2740',
    '--shadow-card': 'none',
    '--shadow-raised': '0 8px 26px rgb(0 0 0 / 45%)',
    '--green': '#6fdc9e',
    '--green-tint': '#12301f',
    '--blue': '#93b9ff',
    '--blue-tint': '#16263f',
    '--amber': '#f4bd63',
    '--amber-tint': '#35270f',
    '--red': '#ff9a90',
    // The shade of dark links and marks is too pale to carry a button's white words.
    '--mantine-color-red-filled': '#c92a2a',
    '--mantine-color-red-filled-hover': '#b02525',
    '--red-tint': '#3b1a18',
    '--grey': '#bcc4cf',
    '--grey-tint': '#252d38',
    '--purple': '#c8adff',
    '--purple-tint': '#2a1f45',
  },
});

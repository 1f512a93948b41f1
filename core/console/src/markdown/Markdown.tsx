import { Anchor, Code, Divider, List, Table, Text, Title } from '@mantine/core';
import { Fragment, memo, type ReactNode } from 'react';
import classes from './Markdown.module.css';
import { type Block, type Inline, parseMarkdown } from './parse-markdown.ts';

/** A stranger's Markdown, as elements and never as HTML. */
export const Markdown = memo(function Markdown({ source }: { source: string }) {
  return <div className={classes.document}>{keyed(parseMarkdown(source), renderBlock)}</div>;
});

function keyed<T>(items: readonly T[], render: (item: T) => ReactNode): ReactNode {
  // The document is parsed as a whole, so a position is all the identity that a block has.
  // biome-ignore lint/suspicious/noArrayIndexKey: see above.
  return items.map((item, index) => <Fragment key={index}>{render(item)}</Fragment>);
}

function renderBlock(block: Block): ReactNode {
  switch (block.kind) {
    case 'heading':
      return (
        <Title order={block.level <= 1 ? 2 : block.level === 2 ? 3 : 4}>
          {keyed(block.children, renderInline)}
        </Title>
      );
    case 'paragraph':
      return <Text component="p">{keyed(block.children, renderInline)}</Text>;
    case 'quote':
      return <blockquote className={classes.quote}>{keyed(block.children, renderInline)}</blockquote>;
    case 'code':
      return (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard.
        <pre className={classes.code} tabIndex={0}>
          {block.text}
        </pre>
      );
    case 'rule':
      return <Divider />;
    case 'list':
      return (
        <List type={block.ordered ? 'ordered' : 'unordered'} spacing={4} withPadding>
          {keyed(block.items, (item) => (
            <List.Item>{keyed(item, renderInline)}</List.Item>
          ))}
        </List>
      );
    case 'table':
      return renderTable(block.rows);
  }
}

function renderTable(rows: readonly (readonly (readonly Inline[])[])[]): ReactNode {
  const [head, ...body] = rows;
  return (
    <Table.ScrollContainer minWidth={0}>
      <Table withTableBorder verticalSpacing={6}>
        <Table.Thead>
          <Table.Tr>
            {keyed(head ?? [], (cell) => (
              <Table.Th>{keyed(cell, renderInline)}</Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {keyed(body, (row) => (
            <Table.Tr>
              {keyed(row, (cell) => (
                <Table.Td>{keyed(cell, renderInline)}</Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function renderInline(piece: Inline): ReactNode {
  switch (piece.kind) {
    case 'text':
      return piece.text;
    case 'code':
      return <Code>{piece.text}</Code>;
    case 'strong':
      return <strong>{keyed(piece.children, renderInline)}</strong>;
    case 'emphasis':
      return <em>{keyed(piece.children, renderInline)}</em>;
    case 'link':
      return (
        <Anchor href={piece.href} target="_blank" rel="noreferrer noopener nofollow" inherit>
          {keyed(piece.children, renderInline)}
        </Anchor>
      );
  }
}

import { parseEnvironmentName } from '@catalyst/model/names.ts';
import { Combobox, Text, UnstyledButton, useCombobox } from '@mantine/core';
import { IconSelector } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useLocation, useNavigate } from 'react-router';
import { queries } from '../api/use-api.ts';
import classes from './ScopeSwitcher.module.css';

const shownAtMost = 60;

/** Names the Organization and Environment one is in, and leads to another. */
export function ScopeSwitcher() {
  const { pathname } = useLocation();
  const navigate = useNavigate();
  const [search, setSearch] = useState('');
  const { data } = useQuery(queries.organizations);
  const box = useCombobox({
    onDropdownClose: () => {
      box.resetSelectedOption();
      setSearch('');
    },
    onDropdownOpen: () => box.focusSearchInput(),
  });
  const [, kind, name] = pathname.split('/').map(decodeURIComponent);
  const here = kind === 'environments' && name ? parseEnvironmentName(name) : undefined;
  const organization = here?.organization ?? (kind === 'organizations' && name !== 'new' ? name : undefined);

  const wanted = search.trim().toLowerCase();
  let left = shownAtMost;
  const groups = (data?.items ?? []).flatMap((entry) => {
    const title = entry.displayName ?? entry.name;
    const fits = (text: string) => text.toLowerCase().includes(wanted);
    const itself = fits(title) || fits(entry.name);
    const environments = entry.environments.filter((item) => fits(item) || itself);
    if (left <= 0 || (environments.length === 0 && !itself)) return [];
    left -= environments.length + 1;
    return [{ ...entry, title, itself, environments }];
  });

  return (
    <Combobox
      store={box}
      width={300}
      position="bottom-start"
      onOptionSubmit={(value) => {
        box.closeDropdown();
        void navigate(value);
      }}
    >
      <Combobox.Target withAriaAttributes={false}>
        <UnstyledButton
          className={classes.button}
          onClick={() => box.toggleDropdown()}
          aria-haspopup="listbox"
          aria-expanded={box.dropdownOpened}
          aria-label={
            organization
              ? `Organization ${organization}${here ? `, Environment ${here.envType}` : ''}. Change`
              : 'Choose an Environment'
          }
        >
          {organization ? (
            <>
              <span className={classes.name}>{organization}</span>
              {here && (
                <>
                  <span className={classes.slash}>/</span>
                  <span className={classes.type}>{here.envType}</span>
                </>
              )}
            </>
          ) : (
            <span className={classes.slash}>Choose an Environment</span>
          )}
          <IconSelector size={15} stroke={1.7} aria-hidden="true" className={classes.chevron} />
        </UnstyledButton>
      </Combobox.Target>
      <Combobox.Dropdown>
        <Combobox.Search
          value={search}
          onChange={(event) => {
            setSearch(event.currentTarget.value);
            box.selectFirstOption();
          }}
          placeholder="Find an Organization or Environment"
          aria-label="Find an Organization or Environment"
        />
        <Combobox.Options mah={360} style={{ overflowY: 'auto' }}>
          {groups.map((entry) => (
            <Combobox.Group key={entry.name} label={entry.title}>
              {entry.itself && (
                <Combobox.Option
                  value={`/organizations/${entry.name}`}
                  active={!here && organization === entry.name}
                >
                  Overview of {entry.name}
                </Combobox.Option>
              )}
              {entry.environments.map((item) => (
                <Combobox.Option
                  key={item}
                  value={`/environments/${item}`}
                  active={kind === 'environments' && name === item}
                >
                  <Text span inherit className="mono">
                    {item}
                  </Text>
                </Combobox.Option>
              ))}
            </Combobox.Group>
          ))}
          {groups.length === 0 && <Combobox.Empty>Nothing found</Combobox.Empty>}
        </Combobox.Options>
      </Combobox.Dropdown>
    </Combobox>
  );
}

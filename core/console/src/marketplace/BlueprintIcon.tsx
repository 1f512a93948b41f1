import classes from './BlueprintIcon.module.css';

/** Icon of a Blueprint; where there is none, its initial on a colour of its own. Decorative: the name stands beside it. */
export function BlueprintIcon({
  name,
  icon,
  size = 44,
}: {
  name: string;
  icon?: string | undefined;
  size?: number;
}) {
  const side = { width: size, height: size };
  if (icon?.startsWith('data:image/'))
    return <img src={icon} alt="" className={classes.image} style={side} draggable={false} />;
  const plain = name.replace(/^bp-/, '');
  const hue = Array.from(plain).reduce(
    (sum, character) => (sum * 31 + (character.codePointAt(0) ?? 0)) % 360,
    7,
  );
  return (
    <span
      aria-hidden="true"
      className={classes.letter}
      style={{ ...side, fontSize: size * 0.44, '--hue': hue } as React.CSSProperties}
    >
      {plain.charAt(0).toUpperCase()}
    </span>
  );
}

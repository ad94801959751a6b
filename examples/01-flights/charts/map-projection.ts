export interface Point {
  readonly x: number;
  readonly y: number;
}

const radians = Math.PI / 180;

/** Albers' equal-area conic projection between two parallels that it shows true to scale. */
function albers(
  south: number,
  north: number,
  centre: readonly [number, number],
): (longitude: number, latitude: number) => Point {
  const n = (Math.sin(south * radians) + Math.sin(north * radians)) / 2;
  const c = Math.cos(south * radians) ** 2 + 2 * n * Math.sin(south * radians);
  const radius = (latitude: number): number => Math.sqrt(c - 2 * n * Math.sin(latitude * radians)) / n;
  const rest = radius(centre[1]);
  return (longitude, latitude) => {
    const angle = n * (longitude - centre[0]) * radians;
    return { x: radius(latitude) * Math.sin(angle), y: radius(latitude) * Math.cos(angle) - rest };
  };
}

const mainland = albers(29.5, 45.5, [-96, 38]);
const alaska = albers(55, 65, [-152, 62]);
const hawaii = albers(8, 18, [-157, 20.5]);
const caribbean = albers(8, 18, [-66, 18]);

/** Where an airport of the United States stands on a map 960 wide and 640 high; null where the map does not reach. */
export function place(longitude: number, latitude: number): Point | null {
  const at = (point: Point, size: number, x: number, y: number): Point => ({
    x: x + point.x * size,
    y: y + point.y * size,
  });
  if (latitude > 50 && longitude < -129) return at(alaska(longitude, latitude), 420, 165, 560);
  if (latitude < 23 && latitude > 18 && longitude < -150 && longitude > -162)
    return at(hawaii(longitude, latitude), 1150, 335, 605);
  if (latitude < 19 && latitude > 17 && longitude > -68) return at(caribbean(longitude, latitude), 1150, 880, 600);
  if (latitude > 24 && latitude < 50 && longitude > -126 && longitude < -66)
    return at(mainland(longitude, latitude), 1180, 480, 340);
  return null;
}

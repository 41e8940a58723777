/** The device nodes that a jail made by hand has, with their modes. */
export const devicePresets = {
  null: { node: "dev/null", major: 1, minor: 3, mode: "0666" },
  random: { node: "dev/random", major: 1, minor: 8, mode: "0666" },
  urandom: { node: "dev/urandom", major: 1, minor: 9, mode: "0444" },
} as const;

export type DevicePreset = keyof typeof devicePresets;
export const devicePresetNames = Object.keys(devicePresets) as DevicePreset[];

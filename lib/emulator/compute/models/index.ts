export { ModelledFleet, type ModelledFleetOptions } from './modelled-fleet';

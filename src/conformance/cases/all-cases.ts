import type { ConformanceCase } from "../conformance-case.js";
import { boundsCases } from "./bounds-cases.js";
import { connectionCases } from "./connection-cases.js";
import { deleteCases } from "./delete-cases.js";
import { errorsCases } from "./errors-cases.js";
import { getCases } from "./get-cases.js";
import { getManyCases } from "./get-many-cases.js";
import { keysCases } from "./keys-cases.js";
import { lifecycleCases } from "./lifecycle-cases.js";
import { setCases } from "./set-cases.js";
import { setManyCases } from "./set-many-cases.js";
import { startCases } from "./start-cases.js";
import { stopCases } from "./stop-cases.js";
import { touchCases } from "./touch-cases.js";
import { ttlCases } from "./ttl-cases.js";
import { valuesCases } from "./values-cases.js";

/** Every case of the kit, in the order in which reports and the documentation show them. */
export const CONFORMANCE_CASES: readonly ConformanceCase[] = [
  ...getCases,
  ...getManyCases,
  ...setCases,
  ...setManyCases,
  ...deleteCases,
  ...touchCases,
  ...ttlCases,
  ...keysCases,
  ...valuesCases,
  ...errorsCases,
  ...boundsCases,
  ...connectionCases,
  ...lifecycleCases,
  ...startCases,
  ...stopCases,
];

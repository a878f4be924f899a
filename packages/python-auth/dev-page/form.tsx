import { AuthClientError } from "@bymax-one/python-auth/shared";
import { type ReactNode, type SubmitEvent, useRef, useState } from "react";
import { flushSync } from "react-dom";
import { act } from "./act.tsx";
import { focusOn } from "./elements.ts";
import { explained, sentence } from "./explain.ts";
import { Note, say } from "./notes.tsx";

/** One field of a form. */
export interface Field {
  readonly name: string;
  readonly label: string;
  readonly type?: "text" | "email" | "password";
  readonly autoComplete?: string;
  readonly value?: string | undefined;
  readonly hint?: string;
  readonly isOptional?: boolean;
  readonly isCode?: boolean;
  readonly isHidden?: boolean;
  readonly inputMode?: "numeric";
  readonly minLength?: number;
  readonly maxLength?: number;
  /** What can be chosen, for a field that is not typed. */
  readonly options?: readonly string[];
}

export type Values = Readonly<Record<string, string>>;
type Faults = Readonly<Record<string, string>>;

/** What stands beside a field where the server does not say which one it refuses. */
const FIELDS: Readonly<Record<string, readonly string[]>> = {
  "auth.invalid_credentials": ["currentPassword", "password"],
  "auth.email_already_exists": ["email", "newEmail"],
  "auth.password_compromised": ["newPassword", "password"],
  "auth.otp_invalid": ["otp"],
  "auth.mfa_invalid_code": ["code"],
  "auth.invalid_invitation_token": ["token"],
  "auth.email_change_token_invalid": ["token"],
};

/** A refusal that a form shows at one of its fields. */
export class FieldRefused extends Error {
  constructor(
    readonly field: string,
    text: string,
  ) {
    super(text);
  }
}

interface FormProps {
  readonly id: string;
  /** Where it is said what became of it; the form has a note of its own unless this is given. */
  readonly part?: string;
  readonly fields: readonly Field[];
  /** The button that was pressed is named by its `value`. */
  readonly send: (values: Values, pressed: string) => Promise<string | undefined>;
  /** The address that a password manager keeps the password for. */
  readonly owner?: string | undefined;
  readonly fieldsClass?: string;
  readonly children: ReactNode;
}

/** A form of the demonstration, whose errors stand beside their fields. */
export function Form({ id, part, fields, send, owner, fieldsClass, children }: FormProps): ReactNode {
  const form = useRef<HTMLFormElement>(null);
  const [faults, setFaults] = useState<Faults>({});

  function mark(found: Faults): boolean {
    flushSync(() => setFaults(found));
    const first = form.current?.querySelector<HTMLElement>("[aria-invalid]");
    if (first) focusOn(first);
    return first !== null && first !== undefined;
  }

  function submit(event: SubmitEvent<HTMLFormElement>): void {
    event.preventDefault();
    const shown = event.currentTarget;
    const pressed = event.nativeEvent.submitter ?? shown.querySelector("button");
    say(part ?? id, "");
    if (mark(faultsIn(shown, fields))) return;
    const values = Object.fromEntries(new FormData(shown)) as Values;
    act(part ?? id, pressed, async () => {
      try {
        const done = await send(values, pressed?.getAttribute("value") ?? "");
        shown.reset();
        return done;
      } catch (error) {
        if (!mark(faultsOf(error, fields))) throw error;
        return undefined;
      }
    });
  }

  return (
    <form id={id} ref={form} noValidate onSubmit={submit}>
      {owner !== undefined && <input type="email" autoComplete="username" hidden readOnly value={owner} />}
      <div className={fieldsClass}>
        {fields.map((field) => (
          <Row
            key={field.name}
            id={`${id}-${field.name}`}
            field={field}
            fault={faults[field.name]}
            onInput={() => faults[field.name] && setFaults({ ...faults, [field.name]: "" })}
          />
        ))}
      </div>
      {children}
      {part === undefined && <Note of={id} />}
    </form>
  );
}

interface RowProps {
  readonly id: string;
  readonly field: Field;
  readonly fault: string | undefined;
  readonly onInput: () => void;
}

function Row({ id, field, fault, onInput }: RowProps): ReactNode {
  const { label, value, hint, isOptional, isCode, isHidden, options, ...attributes } = field;
  const described = [fault && `${id}-error`, hint && `${id}-hint`].filter(Boolean).join(" ");
  const shared = {
    id,
    "aria-invalid": fault ? true : undefined,
    "aria-describedby": described || undefined,
    onInput,
  };
  return (
    <div className="field" hidden={isHidden}>
      <label htmlFor={id}>{label}</label>
      {options === undefined ? (
        <input
          {...attributes}
          {...shared}
          className={isCode ? "code" : undefined}
          spellCheck={isCode ? false : undefined}
          defaultValue={value}
          required={!isOptional}
        />
      ) : (
        <select {...shared} name={field.name} defaultValue={value}>
          {options.map((option) => (
            <option key={option}>{option}</option>
          ))}
        </select>
      )}
      {fault && (
        <p className="error" id={`${id}-error`}>
          {fault}
        </p>
      )}
      {hint && (
        <p className="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </div>
  );
}

/** Returns what is missing or wrong, by field. */
function faultsIn(form: HTMLFormElement, fields: readonly Field[]): Faults {
  const faults: Record<string, string> = {};
  for (const { name, label, isHidden, isOptional, minLength, maxLength } of fields) {
    const input = form.elements.namedItem(name) as HTMLInputElement;
    // The server counts characters as well, not UTF-16 units.
    const length = [...input.value.normalize("NFC")].length;
    if (isHidden) continue;
    if (input.value.trim() === "") {
      if (!isOptional) faults[name] = `${label} is missing.`;
    } else if (input.validity.typeMismatch) faults[name] = `${label} needs the form name@example.com.`;
    else if (minLength !== undefined && length < minLength) {
      const least = minLength === maxLength ? "" : "at least ";
      faults[name] = `${label} needs ${least}${minLength} characters; these are ${length}.`;
    }
  }
  return faults;
}

/** Returns a refusal at the fields that it is about; nothing when it is about none of them. */
function faultsOf(error: unknown, fields: readonly Field[]): Faults {
  if (error instanceof FieldRefused) return { [error.field]: error.message };
  if (!(error instanceof AuthClientError)) return {};
  const details = error.body?.details;
  if (!Array.isArray(details)) {
    const about = FIELDS[error.code ?? ""]?.find((name) => fields.some((field) => field.name === name));
    return about === undefined ? {} : { [about]: explained(error) };
  }
  const faults: Record<string, string> = {};
  for (const { field, message } of details) {
    const label = fields.find(({ name }) => name === field)?.label;
    if (label !== undefined) faults[field] = sentence(`${label} ${message.replace(field, "").trim()}`);
  }
  return faults;
}

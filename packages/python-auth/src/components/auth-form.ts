import {
  createElement as h,
  type ReactNode,
  type SubmitEvent,
  useEffect,
  useId,
  useRef,
  useState,
} from "react";
import type { Appearance } from "./appearance.ts";
import { type Failure, failureOf } from "./failure.ts";
import type { Messages } from "./messages.ts";
import { useIsLive } from "./use-is-live.ts";

/** One field of a form. */
export interface Field {
  readonly name: string;
  readonly label: string;
  readonly type: "text" | "email" | "password";
  readonly autoComplete: string;
  readonly inputMode?: "numeric";
}

/** A form of the package. */
export interface AuthFormProps {
  readonly appearance: Appearance;
  readonly messages: Messages;
  readonly title: string;
  readonly hint?: string | undefined;
  readonly fields: readonly Field[];
  readonly submit: string;
  /** Takes the focus when it appears, as the step after another form. */
  readonly takesFocus?: boolean;
  /** Shown until the first answer. */
  readonly notice?: string | undefined;
  /** Whether the notice is so; it is, unless this is `false`. */
  readonly hasNotice?: boolean;
  /** Sends the values; the text returned is shown. */
  readonly send: (values: Record<string, string>) => Promise<string | undefined>;
  readonly secondary?: { readonly text: string; readonly run: () => void } | undefined;
}

interface Shown extends Failure {
  readonly isSending: boolean;
  readonly notice: string;
}

const NOTHING: Failure = { fields: {}, text: "" };

/** Shows fields, sends their values, and says what became of them to everybody, also to a screen reader. */
export function AuthForm(props: AuthFormProps): ReactNode {
  const { appearance, messages, fields } = props;
  const { classNames = {} } = appearance;
  const id = useId();
  const isLive = useIsLive();
  const form = useRef<HTMLFormElement>(null);
  const [shown, setShown] = useState<Shown>({ ...NOTHING, isSending: false, notice: props.notice ?? "" });

  const { takesFocus = false } = props;
  useEffect(() => {
    if (takesFocus) form.current?.querySelector("input")?.focus();
  }, [takesFocus]);
  useEffect(() => {
    if (shown.fields !== NOTHING.fields) form.current?.querySelector<HTMLElement>("[aria-invalid]")?.focus();
  }, [shown.fields]);

  async function submit(event: SubmitEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    if (shown.isSending) return;
    setShown({ ...NOTHING, isSending: true, notice: "" });
    setShown({ ...(await outcome(props, new FormData(event.currentTarget))), isSending: false });
  }

  return h(
    "form",
    {
      ref: form,
      // Sent without scripts, a form by GET would put the password into the address.
      method: "post",
      inert: !isLive,
      noValidate: true,
      "aria-labelledby": `${id}title`,
      "aria-busy": shown.isSending,
      className: classNames.root,
      onSubmit: submit,
    },
    h("h2", { id: `${id}title`, className: classNames.title }, props.title),
    props.hint !== undefined && h("p", { className: classNames.hint }, props.hint),
    appearance.header,
    // The regions are there from the start: a screen reader may not see one that arrives with its text.
    h("div", { role: "alert", className: classNames.error }, shown.text),
    h(
      "div",
      { role: "status", className: classNames.notice },
      shown.isSending ? messages.loading : props.hasNotice !== false && shown.notice,
    ),
    fields.map((field) =>
      h(FieldRow, {
        key: field.name,
        id: id + field.name,
        field,
        fault: shown.fields[field.name],
        classNames,
      }),
    ),
    // Not `disabled`, which would take the focus away from whoever pressed it.
    h(
      "button",
      { type: "submit", "aria-disabled": shown.isSending, className: classNames.submit },
      props.submit,
    ),
    props.secondary !== undefined &&
      h(
        "button",
        { type: "button", className: classNames.secondary, onClick: props.secondary.run },
        props.secondary.text,
      ),
    appearance.footer,
  );
}

interface FieldRowProps {
  readonly id: string;
  readonly field: Field;
  readonly fault: string | undefined;
  readonly classNames: NonNullable<Appearance["classNames"]>;
}

function FieldRow({ id, field, fault, classNames }: FieldRowProps): ReactNode {
  const { label, ...attributes } = field;
  const isBroken = fault === undefined ? {} : { "aria-invalid": true, "aria-describedby": `${id}fault` };
  return h(
    "div",
    { className: classNames.field },
    h("label", { htmlFor: id, className: classNames.label }, label),
    h("input", { id, required: true, className: classNames.input, ...attributes, ...isBroken }),
    fault !== undefined && h("p", { id: `${id}fault`, className: classNames.fieldError }, fault),
  );
}

async function outcome(props: AuthFormProps, data: FormData): Promise<Failure & { notice: string }> {
  const { fields, messages } = props;
  const names = fields.map(({ name }) => name);
  const values = Object.fromEntries(names.map((name) => [name, String(data.get(name))]));
  const faults = faultsIn(fields, values, messages);
  if (Object.keys(faults).length > 0) return { fields: faults, text: "", notice: "" };
  try {
    return { ...NOTHING, notice: (await props.send(values)) ?? "" };
  } catch (error) {
    return { ...NOTHING, ...failureOf(error, names, messages), notice: "" };
  }
}

function faultsIn(
  fields: readonly Field[],
  values: Record<string, string>,
  messages: Messages,
): Record<string, string> {
  const faults: Record<string, string> = {};
  for (const { name, type } of fields) {
    const value = values[name] as string;
    if (value.trim() === "") faults[name] = messages.required;
    else if (type === "email" && !/^[^@\s]+@[^@\s]+$/.test(value.trim()))
      faults[name] = messages.invalidEmail;
  }
  return faults;
}

import {
  createElement as h,
  type InputEvent,
  type ReactNode,
  type RefObject,
  type SubmitEvent,
  useEffect,
  useId,
  useRef,
  useState,
} from "react";
import type { Appearance } from "./appearance.ts";
import { type Failure, failureOf } from "./failure.ts";
import type { Messages } from "./messages.ts";

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
  /** The address of the account, where no field asks for it: password managers keep a password under it. */
  readonly username?: string | undefined;
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
  /** How often it was sent: each answer moves the focus, and no edit does. */
  readonly attempts: number;
  readonly isSending: boolean;
  readonly notice: string;
}

const NOTHING: Failure = { fields: {}, text: "" };

/** Shows fields, sends their values, and says what became of them to everybody, also to a screen reader. */
export function AuthForm(props: AuthFormProps): ReactNode {
  const { appearance, messages, fields } = props;
  const { classNames = {}, hasTitle = true } = appearance;
  const id = useId();
  const { form, shown, submit, edit } = useSending(props);

  return h(
    "form",
    {
      ref: form,
      noValidate: true,
      ...(hasTitle ? { "aria-labelledby": `${id}title` } : { "aria-label": props.title }),
      "aria-busy": shown.isSending,
      className: classNames.root,
      onInput: edit,
      onSubmit: submit,
    },
    hasTitle && h("h2", { id: `${id}title`, className: classNames.title }, props.title),
    props.hint !== undefined && h("p", { className: classNames.hint }, props.hint),
    appearance.header,
    // The regions are there from the start: a screen reader may not see one that arrives with its text.
    h("div", { role: "alert", className: classNames.error }, shown.text),
    h(
      "div",
      { role: "status", className: classNames.notice },
      shown.isSending ? messages.loading : props.hasNotice !== false && shown.notice,
    ),
    props.username !== undefined &&
      h("input", {
        type: "email",
        autoComplete: "username",
        hidden: true,
        readOnly: true,
        value: props.username,
      }),
    fields.map((field) =>
      h(FieldRow, {
        key: field.name,
        id: id + field.name,
        field,
        fault: shown.fields[field.name],
        hint: appearance.hints?.[field.name],
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

interface Sending {
  readonly form: RefObject<HTMLFormElement | null>;
  readonly shown: Shown;
  submit(event: SubmitEvent<HTMLFormElement>): Promise<void>;
  edit(event: InputEvent<HTMLFormElement>): void;
}

/** Sends a form once at a time, and moves the focus to the first field that is wrong. */
function useSending(props: AuthFormProps): Sending {
  const form = useRef<HTMLFormElement>(null);
  const [shown, setShown] = useState<Shown>({
    ...NOTHING,
    attempts: 0,
    isSending: false,
    notice: props.notice ?? "",
  });

  const { takesFocus = false } = props;
  useEffect(() => {
    if (takesFocus) form.current?.querySelector<HTMLElement>("input:not([hidden])")?.focus();
  }, [takesFocus]);
  const { attempts } = shown;
  useEffect(() => {
    if (attempts > 0) form.current?.querySelector<HTMLElement>("[aria-invalid]")?.focus();
  }, [attempts]);

  async function submit(event: SubmitEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    if (shown.isSending) return;
    setShown({ ...NOTHING, attempts, isSending: true, notice: "" });
    const answer = await outcome(props, new FormData(event.currentTarget));
    setShown({ ...answer, attempts: attempts + 1, isSending: false });
  }

  function edit({ target }: InputEvent<HTMLFormElement>): void {
    const { [(target as HTMLInputElement).name]: edited, ...fields } = shown.fields;
    if (edited !== undefined) setShown({ ...shown, fields });
  }
  return { form, shown, submit, edit };
}

interface FieldRowProps {
  readonly id: string;
  readonly field: Field;
  readonly fault: string | undefined;
  readonly hint: ReactNode;
  readonly classNames: NonNullable<Appearance["classNames"]>;
}

function FieldRow({ id, field, fault, hint, classNames }: FieldRowProps): ReactNode {
  const { label, ...attributes } = field;
  const described = [fault && `${id}fault`, hint && `${id}hint`].filter(Boolean).join(" ");
  const isBroken = { "aria-invalid": fault && true, "aria-describedby": described || undefined };
  return h(
    "div",
    { className: classNames.field },
    h("label", { htmlFor: id, className: classNames.label }, label),
    h("input", { id, required: true, className: classNames.input, ...attributes, ...isBroken }),
    fault && h("p", { id: `${id}fault`, className: classNames.fieldError }, fault),
    hint && h("p", { id: `${id}hint`, className: classNames.hint }, hint),
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

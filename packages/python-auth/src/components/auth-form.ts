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
import { useIsLive } from "./use-is-live.ts";
import { useUserChange } from "./use-user-change.ts";

/** One field of a form. */
export interface Field {
  readonly name: string;
  readonly label: string;
  readonly type: "text" | "email" | "password";
  readonly autoComplete: string;
  readonly inputMode?: "numeric";
  /** What the keyboard of a phone would make of a code. */
  readonly autoCapitalize?: "none";
  readonly spellCheck?: false;
}

/** A form of the package. */
export interface AuthFormProps {
  readonly appearance: Appearance;
  readonly messages: Messages;
  readonly title: string;
  readonly hint?: string | undefined;
  readonly fields: readonly Field[];
  /** Whose password is set, where no field says so: a password manager keeps both. */
  readonly username?: string | undefined;
  readonly submit: string;
  /** Takes the focus when it appears, as the step after another form. */
  readonly takesFocus?: boolean;
  /** Shown until the first answer. */
  readonly notice?: string | undefined;
  /** Whether the notice is so; it is, unless this is `false`. */
  readonly hasNotice?: boolean;
  /** Whether a success leaves nothing to send; only the notice stays. */
  readonly isOnce?: boolean;
  /** Whether a success leaves the values, to be sent again. */
  readonly keepsValues?: boolean;
  /** Offers to begin anew once nothing is left to send, where it is given. */
  readonly onRestart?: (() => void) | undefined;
  /** Sends the values; the text returned is shown. */
  readonly send: (values: Record<string, string>) => Promise<string | undefined>;
  readonly secondary?: Secondary | undefined;
}

/** Another button of a form: it leaves the form, or sends the address alone. */
interface Secondary {
  readonly text: string;
  readonly run?: () => void;
  readonly send?: AuthFormProps["send"];
}

interface Answered extends Failure {
  readonly isDone: boolean;
  readonly notice: string;
}

interface Shown extends Answered {
  /** How often it was sent: each answer moves the focus, and no edit does. */
  readonly attempts: number;
  readonly isSending: boolean;
}

const NOTHING: Omit<Answered, "notice"> = { fields: {}, text: "", isDone: false };

/** Returns the state of a form that nobody has used yet. */
function unused(notice = ""): Shown {
  return { ...NOTHING, attempts: 0, isSending: false, notice };
}

/** Shows fields, sends their values, and says what became of them to everybody, also to a screen reader. */
export function AuthForm(props: AuthFormProps): ReactNode {
  const { appearance, messages, hasNotice = true } = props;
  const { hasTitle = true } = appearance;
  const classNames = appearance.classNames ?? {};
  const id = useId();
  const { form, title, shown, isOver, submit, edit, runSecondary } = useSending(props);
  const isLive = useIsLive();

  return h(
    "form",
    {
      ref: form,
      // Sent without scripts, a form by GET would put the password into the address.
      method: "post",
      inert: !isLive,
      noValidate: true,
      ...(hasTitle ? { "aria-labelledby": `${id}title` } : { "aria-label": props.title, tabIndex: -1 }),
      "aria-busy": shown.isSending,
      className: classNames.root,
      onInput: edit,
      onSubmit: submit,
    },
    hasTitle &&
      h("h2", { id: `${id}title`, ref: title, tabIndex: -1, className: classNames.title }, props.title),
    !isOver && props.hint && h("p", { className: classNames.hint }, props.hint),
    appearance.header,
    // The regions are there from the start: a screen reader may not see one that arrives with its text.
    h("div", { role: "alert", className: classNames.error }, shown.text),
    h(
      "div",
      { role: "status", className: classNames.notice },
      shown.isSending ? messages.loading : hasNotice && shown.notice,
    ),
    isOver
      ? props.onRestart !== undefined &&
          h(
            "button",
            { type: "button", className: classNames.secondary, onClick: props.onRestart },
            messages.startAgain,
          )
      : h(Inputs, { ...props, id, shown, runSecondary }),
    appearance.footer,
  );
}

interface InputsProps extends AuthFormProps {
  readonly id: string;
  readonly shown: Shown;
  readonly runSecondary: (secondary: Secondary) => void;
}

function isAddress({ type }: Field): boolean {
  return type === "email";
}

function Inputs(props: InputsProps): ReactNode {
  const { id, shown, fields, username, submit, secondary, runSecondary } = props;
  const classNames = props.appearance.classNames ?? {};
  return [
    username !== undefined &&
      h("input", {
        key: " username",
        type: "email",
        autoComplete: "username",
        value: username,
        readOnly: true,
        hidden: true,
      }),
    ...fields.map((field) =>
      h(FieldRow, {
        key: field.name,
        id: id + field.name,
        field,
        fault: shown.fields[field.name],
        hint: props.appearance.hints?.[field.name],
        classNames,
      }),
    ),
    // Not `disabled`, which would take the focus away from whoever pressed it.
    h(
      "button",
      { key: " submit", type: "submit", "aria-disabled": shown.isSending, className: classNames.submit },
      submit,
    ),
    secondary !== undefined &&
      h(
        "button",
        {
          key: " secondary",
          type: "button",
          className: classNames.secondary,
          onClick: () => runSecondary(secondary),
        },
        secondary.text,
      ),
  ];
}

interface Sending {
  readonly form: RefObject<HTMLFormElement | null>;
  readonly title: RefObject<HTMLHeadingElement | null>;
  readonly shown: Shown;
  /** Whether nothing is left to send. */
  readonly isOver: boolean;
  submit(event: SubmitEvent<HTMLFormElement>): void;
  edit(event: InputEvent<HTMLFormElement>): void;
  runSecondary(secondary: Secondary): void;
}

/** Sends a form once at a time, and moves the focus to what comes next. */
function useSending(props: AuthFormProps): Sending {
  const form = useRef<HTMLFormElement>(null);
  const title = useRef<HTMLHeadingElement>(null);
  const [shown, setShown] = useState(unused(props.notice));

  const { takesFocus = false, hasNotice = true } = props;
  useEffect(() => {
    if (takesFocus) form.current?.querySelector<HTMLElement>("input:not([hidden])")?.focus();
  }, [takesFocus]);
  const { attempts } = shown;
  useEffect(() => {
    if (attempts > 0) form.current?.querySelector<HTMLElement>("[aria-invalid]")?.focus();
  }, [attempts]);
  const isOver = props.isOnce === true && shown.isDone && hasNotice;
  useEffect(() => {
    // The button that was pressed is gone, and the focus with it.
    if (isOver) (title.current ?? form.current)?.focus();
  }, [isOver]);
  useUserChange((userId) => {
    form.current?.reset();
    // What is said of a success may be that nobody is signed in any more.
    if (!shown.isSending && (userId !== null || !shown.isDone)) setShown(unused());
  });
  const isAside = shown.isDone && !hasNotice;
  useEffect(() => {
    // A notice that is not so will not become so either, when the user of this use leaves.
    if (isAside) setShown(unused());
  }, [isAside]);

  async function perform(action: Pick<AuthFormProps, "fields" | "send">, isLast: boolean): Promise<void> {
    if (shown.isSending || form.current === null) return;
    setShown({ ...NOTHING, attempts, isSending: true, notice: "" });
    const answer = await outcome({ ...props, ...action }, new FormData(form.current));
    const isDone = answer.isDone && isLast;
    if (isDone) form.current?.reset();
    setShown({ ...answer, attempts: attempts + 1, isSending: false, isDone });
  }

  function submit(event: SubmitEvent<HTMLFormElement>): void {
    event.preventDefault();
    void perform(props, !props.keepsValues);
  }

  function runSecondary({ run, send }: Secondary): void {
    run?.();
    if (send !== undefined) void perform({ fields: props.fields.filter(isAddress), send }, false);
  }

  function edit({ target }: InputEvent<HTMLFormElement>): void {
    const { [(target as HTMLInputElement).name]: edited, ...fields } = shown.fields;
    if (edited !== undefined) setShown({ ...shown, fields });
  }
  return { form, title, shown, isOver, submit, edit, runSecondary };
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
  const hasHint = hint != null && typeof hint !== "boolean" && hint !== "";
  const described = [fault && `${id}fault`, hasHint && `${id}hint`].filter(Boolean).join(" ");
  const isBroken = {
    "aria-invalid": fault === undefined ? undefined : true,
    "aria-describedby": described || undefined,
  };
  return h(
    "div",
    { className: classNames.field },
    h("label", { htmlFor: id, className: classNames.label }, label),
    h("input", { id, required: true, className: classNames.input, ...attributes, ...isBroken }),
    fault && h("p", { id: `${id}fault`, className: classNames.fieldError }, fault),
    hasHint && h("p", { id: `${id}hint`, className: classNames.hint }, hint),
  );
}

async function outcome(props: AuthFormProps, data: FormData): Promise<Answered> {
  const { fields, messages } = props;
  const names = fields.map(({ name }) => name);
  const values = Object.fromEntries(names.map((name) => [name, String(data.get(name))]));
  const faults = faultsIn(fields, values, messages);
  if (Object.keys(faults).length > 0) return { ...NOTHING, fields: faults, notice: "" };
  try {
    return { ...NOTHING, isDone: true, notice: (await props.send(values)) ?? "" };
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

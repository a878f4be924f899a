"""Spanish."""

from typing import Final

from bymax_auth.providers.wording.wording import MailText, Wording

__all__ = ["SPANISH"]

_IGNORE = "Si no has hecho esta solicitud, ignora este correo: no ha cambiado nada."
_SECRET = "No lo compartas con nadie; nosotros nunca lo pedimos."
_ONCE = f"Funciona una sola vez y por poco tiempo. {_SECRET}"

SPANISH: Final = Wording(
    hello="Hola:",
    hello_name="Hola, {name}:",
    welcome="¡Te damos la bienvenida!",
    welcome_name="¡Te damos la bienvenida, {name}!",
    open_link="Para {purpose}, abre este enlace:\n{link}",
    use_token="Para {purpose}, usa este token:\n{token}",
    enter_code="Para {purpose}, introduce este código:\n\n{token}",
    choose_password="elegir una nueva",
    verify_address="confirmar que esta dirección es tuya",
    verify_new_address="confirmar que es tuya",
    accept="aceptar",
    unknown="desconocida",
    password_reset=MailText(
        "Restablece tu contraseña", ("Alguien ha pedido restablecer tu contraseña. {action}", _ONCE, _IGNORE)
    ),
    password_reset_otp=MailText(
        "Tu código para restablecer la contraseña",
        ("Alguien ha pedido restablecer tu contraseña. {action}", _ONCE, _IGNORE),
    ),
    email_verification_otp=MailText("Confirma tu dirección de correo", ("{action}", _ONCE, _IGNORE)),
    password_changed=MailText(
        "Tu contraseña ha cambiado",
        (
            "La contraseña de tu cuenta ha cambiado. Si has sido tú, no tienes que hacer nada.",
            "Si no has sido tú, restablece tu contraseña ahora y ponte en contacto con nuestro soporte.",
        ),
    ),
    email_change_verification=MailText(
        "Confirma tu nueva dirección de correo",
        ("Alguien ha pedido usar esta dirección en una cuenta. {action}", _ONCE, _IGNORE),
    ),
    email_changed=MailText(
        "Tu dirección de correo ha cambiado",
        (
            "Tu cuenta ahora usa {new} en lugar de {old}. Si has sido tú, no tienes que hacer nada.",
            (
                "Si no has sido tú, ponte en contacto con nuestro soporte de inmediato: quien la ha cambiado "
                "puede entrar en tu cuenta."
            ),
        ),
    ),
    mfa_enabled=MailText(
        "La verificación en dos pasos está activada",
        (
            (
                "Para entrar en tu cuenta ahora hace falta un código de tu aplicación de autenticación. "
                "Guarda tus códigos de recuperación en un lugar seguro."
            ),
            "Si no has sido tú, restablece tu contraseña ahora y ponte en contacto con nuestro soporte.",
        ),
    ),
    mfa_disabled=MailText(
        "La verificación en dos pasos está desactivada",
        (
            "Para entrar en tu cuenta ya no hace falta un código de tu aplicación de autenticación.",
            (
                "Si no has sido tú, restablece tu contraseña, actívala de nuevo y ponte en contacto con "
                "nuestro soporte."
            ),
        ),
    ),
    new_session_alert=MailText(
        "Nuevo acceso a tu cuenta",
        (
            "Ha habido un nuevo acceso a tu cuenta:",
            "Dispositivo: {device}\nDirección IP: {ip}",
            (
                "Si has sido tú, no tienes que hacer nada. Si no has sido tú, cambia tu contraseña y cierra "
                "las otras sesiones."
            ),
        ),
    ),
    invitation=MailText(
        "{inviter} te invita a {tenant}",
        (
            "{inviter} te invita a unirte a {tenant}. {action}",
            f"Funciona una sola vez, hasta el {{until}}. {_SECRET}",
            "Si no esperabas esta invitación, ignora este correo.",
        ),
    ),
)

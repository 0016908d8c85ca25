#!/bin/sh
# Starts nginx: how people sign in, a certificate to begin with, and the renewal of both.
set -eu

home=/etc/nginx/certificate
real=/etc/letsencrypt/live/$REGULARS_HOST
given=/etc/nginx/regulars/passwords
taken=/etc/nginx/passwords

# nginx reads it anew at every request, as another user than root.
take_passwords() {
    install -m 0640 -o root -g nginx "$given" "$taken.new" && mv "$taken.new" "$taken"
}

take_certificate() {
    cp -L "$real/fullchain.pem" "$real/privkey.pem" "$home/"
}

# Nothing is reloaded without need: workers of before stay for as long as their visitors do.
look_again() {
    if [ "$REGULARS_SIGN_IN" = proxy ] && [ -s "$given" ] && ! cmp -s "$given" "$taken"; then
        take_passwords
    fi
    if [ -s "$real/fullchain.pem" ] && ! cmp -s "$real/fullchain.pem" "$home/fullchain.pem"; then
        take_certificate && nginx -s reload
    fi
}

case $REGULARS_HOST in
    *[!A-Za-z0-9.-]*)
        echo "Wanted REGULARS_HOST to be a name such as regulars.example.com, found '$REGULARS_HOST'; correct it in .env." >&2
        exit 1
        ;;
esac

case ${REGULARS_SIGN_IN:=proxy} in
    proxy)
        if [ ! -s "$given" ]; then
            echo "Wanted the file docker/passwords, found none or an empty one; docs/hosting.md says how to make it." >&2
            exit 1
        fi
        take_passwords
        cp /etc/nginx/regulars/sign_in_password.conf /etc/nginx/sign_in.conf
        ;;
    oidc)
        cp /etc/nginx/regulars/sign_in_oidc.conf /etc/nginx/sign_in.conf
        ;;
    *)
        echo "Wanted REGULARS_SIGN_IN to be proxy or oidc, found '$REGULARS_SIGN_IN'; correct it in .env." >&2
        exit 1
        ;;
esac

mkdir -p "$home"
chmod 700 "$home"
if [ -s "$real/fullchain.pem" ]; then
    take_certificate
elif [ ! -s "$home/fullchain.pem" ]; then
    openssl req -x509 -newkey rsa:2048 -nodes -days 3650 -subj "/CN=$REGULARS_HOST" \
        -addext "subjectAltName=DNS:$REGULARS_HOST" \
        -keyout "$home/privkey.pem" -out "$home/fullchain.pem" 2> /dev/null
fi

while sleep 20; do look_again 2> /dev/null || true; done &

exec nginx -g "daemon off;"

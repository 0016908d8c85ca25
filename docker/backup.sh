#!/bin/sh
# A backup every night, kept for 7 days, 4 weeks and 12 months; after a failure again in an hour.
# "backup.sh recent" tells, for the health check, whether one worked within 26 hours.
set -eu

folder=${BACKUP_FOLDER:-/backups}
last=$folder/.last

if [ "${1:-}" = recent ]; then
    [ -n "$(find "$last" -mmin -1560 2> /dev/null)" ]
    exit
fi

make_one() {
    python -m crm_core backup "$folder" --keep-daily 7 --keep-weekly 4 --keep-monthly 12 \
        && touch "$last"
}

seconds_until() {
    python -c "
import sys
from datetime import UTC, datetime, timedelta
hour, minute = map(int, sys.argv[1].split(':'))
now = datetime.now(UTC)
then = now.replace(hour=hour, minute=minute, second=0, microsecond=0)
print(int((then - now).total_seconds()) if then > now else int((then - now).total_seconds()) + 86400)
" "$1"
}

until_it_works() {
    until make_one; do
        [ "${1:-}" = once ] && exit
        echo "The backup did not work; trying again in an hour." >&2
        sleep 3600 & wait $!
    done
}

trap 'exit 0' TERM INT
# The first one at once: a new server is backed up before anybody relies on it.
[ -n "$(find "$last" -mmin -1440 2> /dev/null)" ] || until_it_works "${1:-}"
[ "${1:-}" = once ] && exit
while :; do
    sleep "$(seconds_until "${BACKUP_AT:-03:15}")" & wait $!
    until_it_works
done

// Package crowd is the staff of many clinics at work with the bot through the simulator: what each does next in a day's
// mix, how the answer to it is known, and what each was told. It drives load and survival tests. It knows the bot as
// people do, by its screens: buttons are known by what they carry, so the language does not matter.
package crowd

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"
)

// A Person is somebody who works with the bot.
type Person struct {
	ID       int64
	Language string
	Admin    bool   // of the platform, and of no clinic
	ClinicID int64  // 0: an admin
	Clinic   string // its name
	Known    []Owner
}

// An Owner is a client of the clinic, by what staff remember.
type Owner struct{ Name, Phone, Code, Pet string }

// knownEach is how many owners of the clinic a person looks for.
const knownEach = 20

// firstAdmin is above all Telegram ids that were ever handed out, and above those of loaded staff.
const firstAdmin int64 = 4_400_000_000_000_000

// Admins makes up n admins of the platform; their ids are for ADMIN_IDS.
func Admins(n int) []Person {
	admins := make([]Person, n)
	for i := range admins {
		admins[i] = Person{ID: firstAdmin + int64(i), Language: []string{"en", "ar"}[i%2], Admin: true}
	}
	return admins
}

// Staff picks up to n people of clinics that are being served today, from a database that `vetalyze load` has filled
// (load.Fill does it on the fly). The same seed picks the same people. url is a superuser's.
func Staff(ctx context.Context, url string, n int, seed uint64) ([]Person, error) {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return nil, fmt.Errorf("pick the staff: %w", err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	rows, err := conn.Query(ctx, pickStaff, n, fmt.Sprint(seed))
	if err != nil {
		return nil, fmt.Errorf("pick the staff: %w", err)
	}
	people, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (p Person, err error) {
		return p, row.Scan(&p.ID, &p.Language, &p.ClinicID, &p.Clinic)
	})
	if err != nil {
		return nil, fmt.Errorf("pick the staff: %w", err)
	}
	known := map[int64][]Owner{}
	for i := range people {
		clinic := people[i].ClinicID
		if known[clinic] == nil {
			if known[clinic], err = owners(ctx, conn, clinic); err != nil {
				return nil, fmt.Errorf("pick owners: %w", err)
			}
		}
		people[i].Known = known[clinic]
	}
	return slices.DeleteFunc(people, func(p Person) bool { return len(p.Known) == 0 }), nil
}

const pickStaff = `
SELECT staff.telegram_id, people.language, clinics.clinic_id, clinics.name
FROM staff
JOIN clinics USING (clinic_id)
JOIN people USING (telegram_id)
WHERE staff.stopped_at IS NULL
  AND clinics.deactivated_at IS NULL
  AND NOT clinics.suspended
  AND clinics.covered @> current_date
ORDER BY md5(staff.telegram_id::text || $2)
LIMIT $1`

// owners are those after some place among the clinic's, with a pet each.
func owners(ctx context.Context, conn *pgx.Conn, clinic int64) ([]Owner, error) {
	rows, err := conn.Query(ctx, `
		SELECT full_name, phone, code, (
			SELECT name FROM pets
			WHERE pets.clinic_id = owners.clinic_id AND pets.owner_id = owners.owner_id AND pets.deleted_at IS NULL
			ORDER BY pet_id LIMIT 1)
		FROM owners
		WHERE clinic_id = $1
		  AND deleted_at IS NULL
		  AND merged_into IS NULL
		  AND EXISTS (SELECT FROM pets WHERE pets.clinic_id = owners.clinic_id AND pets.owner_id = owners.owner_id AND pets.deleted_at IS NULL)
		ORDER BY md5(owner_id::text)
		LIMIT $2`, clinic, knownEach)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Owner])
}

package load

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
)

// A batch is what one transaction loads: some clinics, and the owners of all of them in the order of time.
type batch struct {
	clinics []*clinic
	owners  []*owner
}

// batch makes up neighbouring clinics. Their owners and pets get the ids that a sequence would have given them.
func (g *generator) batch(numbers []int) batch {
	var b batch
	for _, number := range numbers {
		c := g.clinic(number)
		b.clinics = append(b.clinics, c)
		for i := range c.owners {
			b.owners = append(b.owners, &c.owners[i])
		}
	}
	slices.SortStableFunc(b.owners, func(x, y *owner) int {
		return cmp.Or(x.at.Compare(y.at), cmp.Compare(x.clinicID, y.clinicID))
	})
	id := int64(numbers[0]-1) * g.idsPerClinic()
	for _, o := range b.owners {
		id++
		o.id = id
		for i := range o.pets {
			id++
			o.pets[i].id = id
		}
	}
	return b
}

// The roles that may write.
const (
	clinicRole   = "vetalyze_clinic"
	platformRole = "vetalyze_platform"
)

// A table is where rows go, and the role that may put them there.
type table struct {
	name    string
	columns []string
	role    string
}

var (
	clinicsTable = table{"clinics", strings.Fields("clinic_id name owner_name owner_phone country_code time_zone location " +
		"creation_key created_at created_by deactivated_at"), platformRole}
	peopleTable = table{"people", strings.Fields("telegram_id language chosen_clinic_id created_at"), platformRole}
	staffTable  = table{"staff", strings.Fields("clinic_id staff_id role full_name phone telegram_id invited_at invited_by " +
		"joined_at stopped_at stopped_by"), platformRole}
	termsTable = table{"subscriptions", strings.Fields("clinic_id subscription_id state period plan_id plan_name_en plan_name_ar " +
		"duration_days accounts extra_accounts price_minor currency grace_days frozen_on frozen_days close_reason closed_at " +
		"created_at created_by"), platformRole}
	eventsTable = table{"subscription_events", strings.Fields("clinic_id subscription_id seq kind at actor reason before after " +
		"idempotency_key"), platformRole}
	paymentsTable = table{"payments", strings.Fields("clinic_id payment_id subscription_id kind amount_minor currency method_id " +
		"reference paid_on reason created_at created_by idempotency_key"), platformRole}
	ownersTable = table{"owners", strings.Fields("clinic_id owner_id full_name phone second_phone channel_id note " +
		"registration_key registered_at registered_by"), clinicRole}
	petsTable = table{"pets", strings.Fields("clinic_id pet_id owner_id ordinal name species_id birth_date birth_precision sex " +
		"neutered breed colour microchip weight_grams deceased_on alert registered_at registered_by"), clinicRole}
)

// A writer writes a batch in its transaction.
type writer struct {
	tx      pgx.Tx
	bypass  bool
	clinics []*clinic
}

// batch writes all of a batch, and says after each part how many owners it had.
func (w writer) batch(ctx context.Context, b batch, wrote func(owners int)) error {
	if err := w.platform(ctx, b.clinics); err != nil {
		return err
	}
	for part := range slices.Chunk(b.owners, chunk) {
		var owners, pets [][]any
		for _, o := range part {
			owners = append(owners, o.row())
			for i := range o.pets {
				pets = append(pets, o.petRow(i))
			}
		}
		if err := w.write(ctx, ownersTable, owners); err != nil {
			return err
		}
		if err := w.write(ctx, petsTable, pets); err != nil {
			return err
		}
		wrote(len(part))
	}
	return nil
}

// platform writes what the platform knows of the clinics.
func (w writer) platform(ctx context.Context, clinics []*clinic) error {
	var tenants, people, staff, terms, events, payments [][]any
	for _, c := range clinics {
		tenants = append(tenants, c.row())
		for i := range c.staff {
			people = append(people, c.staff[i].personRow(c))
			staff = append(staff, c.staff[i].row(c))
		}
		for i := range c.terms {
			t := &c.terms[i]
			terms = append(terms, t.row())
			for j := range t.events {
				events = append(events, t.eventRow(j))
			}
			for j := range t.payments {
				payments = append(payments, t.paymentRow(j))
			}
		}
	}
	for _, some := range []struct {
		table table
		rows  [][]any
	}{
		{clinicsTable, tenants},
		{peopleTable, people},
		{staffTable, staff},
		{termsTable, terms},
		{eventsTable, events},
		{paymentsTable, payments},
	} {
		if err := w.write(ctx, some.table, some.rows); err != nil {
			return err
		}
	}
	return nil
}

// write copies rows into a table. PostgreSQL copies into a table with row-level security for those above it only. For
// anybody else the rows are copied to a table of their own, and from there inserted by the role that may.
func (w writer) write(ctx context.Context, t table, rows [][]any) error {
	if w.bypass {
		return w.copy(ctx, t.name, t.columns, rows)
	}
	columns := strings.Join(t.columns, ", ")
	stage := "stage_" + t.name
	_, err := w.tx.Exec(ctx, fmt.Sprintf(`
		CREATE TEMP TABLE IF NOT EXISTS %[1]s ON COMMIT DROP AS SELECT %[2]s FROM %[3]s WITH NO DATA;
		TRUNCATE %[1]s;
		GRANT SELECT ON %[1]s TO %[4]s`, stage, columns, t.name, t.role))
	if err != nil {
		return fmt.Errorf("stage %s: %w", t.name, err)
	}
	if err := w.copy(ctx, stage, t.columns, rows); err != nil {
		return err
	}
	insert := fmt.Sprintf("INSERT INTO %s (%s) SELECT %[2]s FROM %s", t.name, columns, stage)
	batch := &pgx.Batch{}
	batch.Queue("SET LOCAL ROLE " + t.role)
	if t.role == platformRole {
		batch.Queue(insert)
	} else {
		for _, c := range w.clinics {
			batch.Queue("SELECT set_config('app.clinic_id', $1, true)", strconv.FormatInt(c.id, 10))
			batch.Queue(insert+" WHERE clinic_id = $1", c.id)
		}
	}
	batch.Queue("RESET ROLE")
	if err := w.tx.SendBatch(ctx, batch).Close(); err != nil {
		return fmt.Errorf("insert into %s: %w", t.name, err)
	}
	return nil
}

func (w writer) copy(ctx context.Context, table string, columns []string, rows [][]any) error {
	if _, err := w.tx.CopyFrom(ctx, pgx.Identifier{table}, columns, pgx.CopyFromRows(rows)); err != nil {
		return fmt.Errorf("copy into %s: %w", table, err)
	}
	return nil
}

// The rows, in the order of their tables' columns.

func (c *clinic) row() []any {
	return []any{
		c.id, c.name, c.ownerName, c.ownerPhone, country, zone, c.location, c.key, c.createdAt, nobody, c.deactivatedAt,
	}
}

func (m *member) personRow(c *clinic) []any {
	return []any{m.telegramID, m.language, c.id, m.joinedAt}
}

func (m *member) row(c *clinic) []any {
	var stoppedBy *int64
	if m.stoppedAt != nil {
		stoppedBy = &c.staff[0].telegramID
	}
	return []any{
		c.id, m.id, m.role, m.name, m.phone, m.telegramID, c.createdAt, nobody, m.joinedAt, m.stoppedAt, stoppedBy,
	}
}

func (t *term) row() []any {
	served := pgtype.Range[pgtype.Date]{
		Lower: pgtype.Date{Time: t.start, Valid: true}, LowerType: pgtype.Inclusive,
		Upper: pgtype.Date{Time: t.end, Valid: true}, UpperType: pgtype.Exclusive, Valid: true,
	}
	return []any{
		t.clinicID, t.id, t.state, served, t.plan.id, t.plan.nameEN, t.plan.nameAR, t.plan.days, t.plan.accounts, t.extra,
		t.plan.price, currency, grace, t.frozenOn, t.frozenDays, t.closeReason, t.closedAt, t.createdAt, nobody,
	}
}

func (t *term) eventRow(i int) []any {
	e := &t.events[i]
	return []any{t.clinicID, t.id, i + 1, e.kind, e.at, nobody, e.reason, e.before, e.after, e.key}
}

func (t *term) paymentRow(i int) []any {
	p := &t.payments[i]
	return []any{
		t.clinicID, p.id, t.id, p.kind, p.amount, currency, p.method, p.reference, p.day, p.reason, p.at, nobody, p.key,
	}
}

func (o *owner) row() []any {
	return []any{o.clinicID, o.id, o.name, o.phone, o.second, o.channel, o.note, o.key, o.at, o.by}
}

func (o *owner) petRow(i int) []any {
	p := &o.pets[i]
	return []any{
		o.clinicID, p.id, o.id, i + 1, p.name, p.species, p.birth, p.precision, p.sex, p.neutered, p.breed, p.colour,
		p.microchip, p.weight, p.deceased, p.alert, o.at, o.by,
	}
}

package reference

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"vetalyze/db"
	"vetalyze/internal/staff"
)

var (
	// ErrNotFound says that there is no such entry, or that it is retired already.
	ErrNotFound = errors.New("reference: not found")
	// ErrNameTaken says that another entry has the name.
	ErrNameTaken = errors.New("reference: name taken")
	// ErrStale says that somebody else changed the entry since it was read.
	ErrStale = errors.New("reference: changed meanwhile")
	// ErrUnfit refuses what the schema does not take: a name too long, a price below nothing, an unknown time zone.
	ErrUnfit = errors.New("reference: unfit")
)

// A Plan is what a clinic can buy. A subscription keeps what it was sold as, whatever becomes of the plan.
type Plan struct {
	ID           int
	NameEN       string
	NameAR       string
	DurationDays int
	Accounts     int   // doctors and receptionists together
	PriceMinor   int64 // in the currency's smallest unit
	Currency     string
	GraceDays    int // after its end, in which everything still works
	Position     int // small first in a list
	Version      int // grows with every change; ChangePlan takes the one that was read
	Retired      bool
}

// Plans is a list of plans.
type Plans []Plan

// Offered returns those that are sold.
func (list Plans) Offered() Plans {
	return offered(list, func(p Plan) bool { return !p.Retired })
}

// ByID returns a plan, retired ones too.
func (list Plans) ByID(id int) (Plan, bool) {
	return first(list, func(p Plan) bool { return p.ID == id })
}

// A PaymentMethod is how a subscription is paid.
type PaymentMethod struct {
	ID      int
	NameEN  string
	NameAR  string
	Retired bool
}

// PaymentMethods is a list of payment methods.
type PaymentMethods []PaymentMethod

// Offered returns those in use.
func (list PaymentMethods) Offered() PaymentMethods {
	return offered(list, func(m PaymentMethod) bool { return !m.Retired })
}

// ByID returns a payment method, retired ones too.
func (list PaymentMethods) ByID(id int) (PaymentMethod, bool) {
	return first(list, func(m PaymentMethod) bool { return m.ID == id })
}

// AddPlan puts a plan on sale and returns its id. Under a key that has added one before, it returns that; the zero key
// adds each time.
func (r *Reference) AddPlan(ctx context.Context, by staff.Speaker, key db.Key, plan Plan) (id int, err error) {
	scope, err := by.Platform(r.db, staff.RightManageReference)
	if err != nil {
		return 0, err
	}
	added, err := r.query.PlanInsert(ctx, scope, db.PlanInsertParams{
		NameEn: plan.NameEN, NameAr: plan.NameAR, DurationDays: int32(plan.DurationDays), Accounts: int32(plan.Accounts),
		PriceMinor: plan.PriceMinor, Currency: plan.Currency, GraceDays: int32(plan.GraceDays),
		Position: int32(plan.Position), Now: r.clock.Now(), CreationKey: unlessZero(key),
	})
	return int(added), r.after(ctx, "add a plan", err)
}

// ChangePlan changes what is sold from now on, of the version that was read: ErrStale if there is a newer one with other
// words.
func (r *Reference) ChangePlan(ctx context.Context, by staff.Speaker, plan Plan) error {
	scope, err := by.Platform(r.db, staff.RightManageReference)
	if err != nil {
		return err
	}
	changed, err := r.query.PlanChange(ctx, scope, db.PlanChangeParams{
		NameEn: plan.NameEN, NameAr: plan.NameAR, DurationDays: int32(plan.DurationDays), Accounts: int32(plan.Accounts),
		PriceMinor: plan.PriceMinor, Currency: plan.Currency, GraceDays: int32(plan.GraceDays),
		PlanID: int32(plan.ID), Version: int32(plan.Version),
	})
	if err == nil && changed == 0 {
		return r.whyUnchanged(ctx, plan)
	}
	return r.after(ctx, "change a plan", err)
}

// whyUnchanged says whether the plan is gone, was changed by somebody else, or by this very change done before.
func (r *Reference) whyUnchanged(ctx context.Context, plan Plan) error {
	plans, err := r.plans(ctx)
	if err != nil {
		return err
	}
	now, ok := plans.ByID(plan.ID)
	plan.Version, plan.Position, plan.Retired = plan.Version+1, now.Position, now.Retired
	switch {
	case !ok:
		return ErrNotFound
	case now != plan:
		return ErrStale
	}
	return nil
}

// RetirePlan takes a plan off sale. What was sold of it goes on.
func (r *Reference) RetirePlan(ctx context.Context, by staff.Speaker, id int) error {
	return r.SetRetired(ctx, by, ListPlans, strconv.Itoa(id), true)
}

// after drops the copies of a change that went well, and names what refused one that did not.
func (r *Reference) after(ctx context.Context, doing string, err error) error {
	switch broken := db.Broken(err); {
	case err == nil:
		r.cache.changed(ctx)
		return nil
	case broken == "plans_name_sold", strings.HasSuffix(broken, "_name_en_key"):
		return ErrNameTaken
	case broken != "":
		return ErrUnfit
	case errors.Is(err, ErrNotFound):
		return err
	}
	return fmt.Errorf("%s: %w", doing, err)
}

func orNotFound(rows int64, err error) error {
	if err == nil && rows == 0 {
		return ErrNotFound
	}
	return err
}

func (r *Reference) plans(ctx context.Context) (Plans, error) {
	rows, err := r.query.PlanList(ctx, r.db.Platform())
	return convert(rows, err, "plans", func(row db.Plan) Plan {
		return Plan{
			ID: int(row.PlanID), NameEN: row.NameEn, NameAR: row.NameAr, DurationDays: int(row.DurationDays),
			Accounts: int(row.Accounts), PriceMinor: row.PriceMinor, Currency: row.Currency, GraceDays: int(row.GraceDays),
			Position: int(row.Position), Version: int(row.Version), Retired: row.RetiredAt != nil,
		}
	})
}

func (r *Reference) paymentMethods(ctx context.Context) (PaymentMethods, error) {
	rows, err := r.query.PaymentMethodList(ctx, r.db.Platform())
	return convert(rows, err, "payment methods", func(row db.PaymentMethod) PaymentMethod {
		return PaymentMethod{ID: int(row.MethodID), NameEN: row.NameEn, NameAR: row.NameAr, Retired: row.RetiredAt != nil}
	})
}

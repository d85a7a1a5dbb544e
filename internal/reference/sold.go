package reference

import (
	"context"
	"errors"
	"fmt"

	"vetalyze/db"
	"vetalyze/internal/staff"
)

var (
	// ErrNotFound says that there is no such entry, or that it is retired already.
	ErrNotFound = errors.New("reference: not found")
	// ErrNameTaken says that another entry has the name.
	ErrNameTaken = errors.New("reference: name taken")
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

// AddPlan puts a plan on sale and returns its id.
func (r *Reference) AddPlan(ctx context.Context, by staff.Speaker, plan Plan) (id int, err error) {
	scope, err := by.Platform(r.db, staff.RightManageReference)
	if err != nil {
		return 0, err
	}
	added, err := r.query.PlanInsert(ctx, scope, db.PlanInsertParams{
		NameEn: plan.NameEN, NameAr: plan.NameAR, DurationDays: int32(plan.DurationDays), Accounts: int32(plan.Accounts),
		PriceMinor: plan.PriceMinor, Currency: plan.Currency, GraceDays: int32(plan.GraceDays),
		Position: int32(plan.Position), Now: r.clock.Now(),
	})
	return int(added), r.after(ctx, "add a plan", err)
}

// RetirePlan takes a plan off sale. What was sold of it goes on.
func (r *Reference) RetirePlan(ctx context.Context, by staff.Speaker, id int) error {
	scope, err := by.Platform(r.db, staff.RightManageReference)
	if err != nil {
		return err
	}
	retired, err := r.query.PlanRetire(ctx, scope, r.clock.Now(), int32(id))
	return r.after(ctx, "retire a plan", orNotFound(retired, err))
}

// AddPaymentMethod puts a payment method into use and returns its id.
func (r *Reference) AddPaymentMethod(ctx context.Context, by staff.Speaker, nameEN, nameAR string) (id int, err error) {
	scope, err := by.Platform(r.db, staff.RightManageReference)
	if err != nil {
		return 0, err
	}
	added, err := r.query.PaymentMethodInsert(ctx, scope, db.PaymentMethodInsertParams{NameEn: nameEN, NameAr: nameAR})
	return int(added), r.after(ctx, "add a payment method", err)
}

// RetirePaymentMethod takes a payment method out of use.
func (r *Reference) RetirePaymentMethod(ctx context.Context, by staff.Speaker, id int) error {
	scope, err := by.Platform(r.db, staff.RightManageReference)
	if err != nil {
		return err
	}
	retired, err := r.query.PaymentMethodRetire(ctx, scope, r.clock.Now(), int32(id))
	return r.after(ctx, "retire a payment method", orNotFound(retired, err))
}

// after drops the copies of a change that went well, and names what refused one that did not.
func (r *Reference) after(ctx context.Context, doing string, err error) error {
	switch broken := db.Broken(err); {
	case err == nil:
		r.cache.changed(ctx)
		return nil
	case broken == "plans_name_sold", broken == "payment_methods_name_en_key":
		return ErrNameTaken
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
			Position: int(row.Position), Retired: row.RetiredAt != nil,
		}
	})
}

func (r *Reference) paymentMethods(ctx context.Context) (PaymentMethods, error) {
	rows, err := r.query.PaymentMethodList(ctx, r.db.Platform())
	return convert(rows, err, "payment methods", func(row db.PaymentMethod) PaymentMethod {
		return PaymentMethod{ID: int(row.MethodID), NameEN: row.NameEn, NameAR: row.NameAr, Retired: row.RetiredAt != nil}
	})
}

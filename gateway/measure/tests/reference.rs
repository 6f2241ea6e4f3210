//! Against another computation: statsmodels 0.15.0 for Wilson's interval, and scipy 1.17.1 for the rest, which there was written
//! down as its definition says it and solved with `brentq` and `minimize_scalar`.

use turnpage_gateway_measure::{Interval, Lift, Mean, Rate};

/// Who got a letter, and how many came, bought, and for how much: a randomised campaign of 32,000 customers
/// (MineThatData e-mail challenge, every other row).
const WOMENS: [u64; 3] = [10_636, 1_627, 93];
const MENS: [u64; 3] = [10_778, 1_974, 118];
const NOBODY: [u64; 3] = [10_586, 1_145, 62];

fn near(found: Interval, low: f64, high: f64) {
    let close = |a: f64, b: f64| (a - b).abs() < 1e-9;
    assert!(close(found.low, low) && close(found.high, high), "{found:?} and not {low} to {high}");
}

#[test]
fn shares() {
    near(Rate::new(0, 10).interval(), 0.0, 0.277_532_799_862_889_3);
    near(Rate::new(3, 10).interval(), 0.107_791_267_406_301_04, 0.603_221_852_538_854_6);
    near(Rate::new(10, 10).interval(), 0.722_467_200_137_110_6, 1.0);
    near(Rate::new(57, 10_000).interval(), 0.004_402_415_829_723_048, 0.007_377_204_959_527_835);
    near(Rate::new(0, 10).always(), 0.0, 0.376_987_350_990_674_43);
    near(Rate::new(3, 10).always(), 0.032_515_139_787_570_93, 0.747_587_109_915_007_3);
    near(Rate::new(10, 10).always(), 0.623_012_649_009_331_3, 1.0);
    near(Rate::new(57, 10_000).always(), 0.003_214_223_454_063_797, 0.009_213_972_859_672_23);
    near(Rate::new(MENS[1], MENS[0]).interval(), 0.175_961_969_591_394_26, 0.190_565_536_300_251_64);
    near(Rate::new(MENS[1], MENS[0]).always(), 0.168_687_041_744_792_18, 0.198_230_892_887_849_42);
}

#[test]
fn lift() {
    let of = |treated: [u64; 3], what: usize| Lift {
        treated: Rate::new(treated[what], treated[0]),
        held_out: Rate::new(NOBODY[what], NOBODY[0]),
    };
    near(of(WOMENS, 1).always(), 0.021_558_301_339_405_887, 0.068_154_823_388_976_97);
    near(of(MENS, 1).always(), 0.050_830_757_453_169_08, 0.099_250_313_652_311_4);
    near(of(WOMENS, 2).always(), -0.003_088_455_802_341_094, 0.009_124_482_852_632_747);
    near(of(MENS, 2).always(), -0.001_195_867_291_574_746, 0.011_767_579_479_542_758);
    assert!(of(MENS, 1).is_settled(), "a letter brings visits");
    assert!(
        !of(MENS, 2).is_settled(),
        "whether it sells, 118 of 10,778 and 62 of 10,586 do not tell whoever keeps looking"
    );
    let few = Lift { treated: Rate::new(30, 100), held_out: Rate::new(20, 100) };
    near(few.always(), -0.147_337_529_942_027_4, 0.342_378_529_960_315_3);
}

#[test]
fn values() {
    let mut spent = Mean::default();
    [2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0, f64::NAN].into_iter().for_each(|value| spent.count(value));
    assert_eq!((spent.of, spent.mean), (8, 5.0));
    assert!((spent.variance().unwrap() - 32.0 / 7.0).abs() < 1e-12);
    let sums = Mean::of_sums(8, 40.0, 4.0 + 3.0 * 16.0 + 2.0 * 25.0 + 49.0 + 81.0);
    assert_eq!((sums.mean, sums.variance()), (5.0, spent.variance()));
    near(spent.interval().unwrap(), 5.0 - 1.481_593_509_067_493_2, 5.0 + 1.481_593_509_067_493_2);
}

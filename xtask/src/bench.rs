use crate::Outcome;
use crate::cargo::cargo;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Small inputs and few turns: shows that the benchmarks work, not what they say.
    #[arg(long)]
    quick: bool,
    /// Only these, by the names of the modules in benches/; `peers` alone measures promwire beside kubeconform, with the rig.
    names: Vec<String>,
}

/// Prints one table, which is also in `target/bench.md`.
pub(crate) fn run(args: &Args) -> Outcome {
    if args.names == ["peers"] {
        return crate::peers::run_all(args.quick);
    }
    let mut arguments = vec!["bench", "--package", "promwire", "--bench", "promwire", "--"];
    arguments.extend(args.quick.then_some("--quick"));
    arguments.extend(args.names.iter().map(String::as_str));
    cargo(&arguments, &[])
}

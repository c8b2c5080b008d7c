//! What is wrong with a sweep: cases for the messages.

/// A case: its name, what follows the valid scenario, and a `--set`, if any.
pub(crate) type Wrong = (&'static str, &'static str, &'static str);

const LATENCY: &str = "[sweep]\nkey = \"upstream.api1.latency\"\nvalues = [\"1ms\", \"10ms\"]\n";

/// Every way of getting `[sweep]` wrong.
pub(crate) const WRONG: &[Wrong] = &[
    // The section.
    ("sweep_no_table", "[[sweep]]\nkey = \"combine.timeout\"\n", ""),
    ("sweep_no_key", "[sweep]\nvalues = [1, 2]\n", ""),
    ("sweep_no_values", "[sweep]\nkey = \"combine.timeout\"\n", ""),
    ("sweep_unknown_key", "[sweep]\nkey = \"combine.timeout\"\nvalue = [\"1s\"]\n", ""),
    // The key.
    ("sweep_key_number", "[sweep]\nkey = 5\nvalues = [1]\n", ""),
    ("sweep_key_empty", "[sweep]\nkey = \"\"\nvalues = [1]\n", ""),
    ("sweep_key_of_load", "[sweep]\nkey = \"load.concurrency\"\nvalues = [[1], [2]]\n", ""),
    ("sweep_key_of_slo", "[sweep]\nkey = \"slo.p99\"\nvalues = [\"1s\"]\n", ""),
    ("sweep_key_first", "[sweep]\nkey = \"upstreams.api1.latency\"\nvalues = [\"1ms\"]\n", ""),
    ("sweep_key_section", "[sweep]\nkey = \"combine\"\nvalues = [\"1ms\"]\n", ""),
    ("sweep_key_upstream", "[sweep]\nkey = \"upstream.api1\"\nvalues = [\"1ms\"]\n", ""),
    ("sweep_key_model", "[sweep]\nkey = \"model.tokio\"\nvalues = [1]\n", ""),
    ("sweep_key_no_upstream", "[sweep]\nkey = \"upstream.api3.latency\"\nvalues = [\"1ms\"]\n", ""),
    ("sweep_key_misspelt", "[sweep]\nkey = \"upstream.api1.latancy\"\nvalues = [\"1ms\"]\n", ""),
    (
        "sweep_key_escaped",
        "[sweep]\nkey = \"upstream.api1.\\u006catancy\"\nvalues = [\"1ms\"]\n",
        "",
    ),
    (
        "sweep_key_inside",
        "[sweep]\nkey = \"upstream.api2.latency.fixed\"\nvalues = [\"1ms\"]\n",
        "",
    ),
    ("sweep_key_no_model", "[sweep]\nkey = \"model.rayon-255.threads\"\nvalues = [1]\n", ""),
    ("sweep_key_kind", "[sweep]\nkey = \"model.tokio.kind\"\nvalues = [\"rayon\"]\n", ""),
    ("sweep_key_option", "[sweep]\nkey = \"model.tokio.threads\"\nvalues = [1]\n", ""),
    ("sweep_key_option_parts", "[sweep]\nkey = \"model.tokio.workers.most\"\nvalues = [1]\n", ""),
    (
        "sweep_key_dotted_label",
        "[[model]]\nkind = \"rayon\"\nlabel = \"rayon 2.5x\"\n\
         [sweep]\nkey = \"model.rayon 2.5x.threads\"\nvalues = [1]\n",
        "",
    ),
    (
        "sweep_key_two_models",
        "[[model]]\nkind = \"rayon\"\nthreads = 2\n[[model]]\nkind = \"rayon\"\nthreads = 4\n\
         [sweep]\nkey = \"model.rayon.threads\"\nvalues = [1]\n",
        "",
    ),
    (
        "sweep_label_changes",
        "[[model]]\nkind = \"rayon\"\nthreads = 2\n[[model]]\nkind = \"rayon\"\nthreads = 4\n\
         [sweep]\nkey = \"model.3.threads\"\nvalues = [1, 8]\n",
        "",
    ),
    // The values.
    ("sweep_values_number", "[sweep]\nkey = \"model.tokio.workers\"\nvalues = 5\n", ""),
    ("sweep_values_none", "[sweep]\nkey = \"model.tokio.workers\"\nvalues = []\n", ""),
    (
        "sweep_values_twice",
        "[sweep]\nkey = \"combine.timeout\"\nvalues = [\"1s\", \"1000ms\"]\n",
        "",
    ),
    ("sweep_value_type", "[sweep]\nkey = \"upstream.api1.latency\"\nvalues = [\"1ms\", 10]\n", ""),
    (
        "sweep_value_unit",
        "[sweep]\nkey = \"upstream.api1.latency\"\nvalues = [\"1ms\", \"10m\"]\n",
        "",
    ),
    (
        "sweep_value_range",
        "[sweep]\nkey = \"model.tokio.workers\"\nvalues = [\n  1,\n  1000,\n]\n",
        "",
    ),
    (
        "sweep_value_in_table",
        "[sweep]\nkey = \"upstream.api1.latency\"\nvalues = [{ uniform = { min = \"2s\", max = \"1s\" } }]\n",
        "",
    ),
    // What holds at some value only.
    (
        "sweep_value_stall",
        "[sweep]\nkey = \"upstream.api1.stall\"\nvalues = [{ at = \"0s\", for = \"1s\" }, { at = \"1s\", for = \"1s\" }]\n",
        "",
    ),
    (
        "sweep_value_records",
        "[sweep]\nkey = \"combine.timeout\"\nvalues = [\"1s\", \"1ms\"]\n",
        "load.warmup=1h",
    ),
    (
        "sweep_value_partly",
        "[sweep]\nkey = \"combine.blocking.via\"\nvalues = [\"inline\", \"spawn-blocking\"]\n",
        "",
    ),
    (
        "sweep_value_partly_stated",
        "[sweep]\nkey = \"combine.blocking.via\"\nvalues = [\"inline\", \"spawn-blocking\"]\n",
        "combine.blocking={ every = 10 }",
    ),
    (
        "sweep_value_elsewhere",
        "[checks]\nnoise = 5\n[sweep]\nkey = \"model.tokio.patience\"\nvalues = [\"1ms\"]\n",
        "",
    ),
    // The levels of each value, and the label.
    (
        "sweep_levels_number",
        "[sweep]\nkey = \"combine.timeout\"\nvalues = [\"1s\"]\nlevels = 8\n",
        "",
    ),
    (
        "sweep_levels_count",
        "[sweep]\nkey = \"combine.timeout\"\nvalues = [\"1s\", \"2s\"]\nlevels = [1, 8, 64]\n",
        "",
    ),
    (
        "sweep_levels_unknown",
        "[sweep]\nkey = \"combine.timeout\"\nvalues = [\"1s\", \"2s\"]\nlevels = [[1, 8], 65]\n",
        "",
    ),
    (
        "sweep_levels_empty",
        "[sweep]\nkey = \"combine.timeout\"\nvalues = [\"1s\", \"2s\"]\nlevels = [[1, 8, 64], []]\n",
        "",
    ),
    (
        "sweep_levels_twice",
        "[sweep]\nkey = \"combine.timeout\"\nvalues = [\"1s\", \"2s\"]\nlevels = [[8, 8], [1, 64]]\n",
        "",
    ),
    (
        "sweep_levels_text",
        "[sweep]\nkey = \"combine.timeout\"\nvalues = [\"1s\", \"2s\"]\nlevels = [8, \"64\"]\n",
        "",
    ),
    (
        "sweep_levels_idle",
        "[sweep]\nkey = \"combine.timeout\"\nvalues = [\"1s\", \"2s\"]\nlevels = [8, 64]\n",
        "",
    ),
    (
        "sweep_label_empty",
        "[sweep]\nkey = \"combine.timeout\"\nvalues = [\"1s\"]\nlabel = \" \"\n",
        "",
    ),
    // From the command line.
    ("sweep_set_key", LATENCY, "sweep.key=upstream.api1.latancy"),
    ("sweep_set_value", LATENCY, "sweep.values.1=10m"),
    ("sweep_set_swept", LATENCY, "upstream.api1.latency=5ms"),
    ("sweep_set_values_text", LATENCY, "sweep.values=1ms,2ms"),
];

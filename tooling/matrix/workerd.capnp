using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "main", worker = .worker),
    # By default workerd refuses addresses of this machine; this allows no others.
    (name = "loopback", network = (allow = ["local"], tlsOptions = (trustedCertificates = [@CA@]))),
  ],
);

const worker :Workerd.Worker = (
  modules = [@MODULES@],
  compatibilityDate = @DATE@,
  bindings = [(name = "WORLD", text = @WORLD@)],
  globalOutbound = "loopback",
);
